"""What the documents name exists: files, links, targets of make, commands, settings, verbs of the API."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from crm.api.catalogue import ROUTES

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = {
    "bench", "campaigns", "contacts", "crm", "deploy", "docs", "journeys", "locale", "static", "templates", "tests",
}  # fmt: skip
_PATH = re.compile(r"`([\w.-]+(?:/[\w.{}*-]+)+/?)`")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_MAKE = re.compile(r"`make ([a-z-]+)[^`]*`|^make ([a-z-]+)", re.MULTILINE)
_MANAGE = re.compile(r"manage\.py ([a-z_]+)")
_VERB = re.compile(r"`(GET|POST|PATCH|DELETE) (?:/api/v1/)?([a-z][\w/{}.-]*)")
_ASKED = re.compile(r'ask\(\s*"(GET|POST|PATCH|DELETE)",\s*f?"([a-z][^"?]*)"')
_SETTING = re.compile(r"`([A-Z][A-Z]+_[A-Z_]+)`")
# Words in capitals with a line between that are no settings: names of tables in the code and of other programs.
NO_SETTINGS = {
    "ADMIN_DOORS", "INSIDE_COLUMNS", "LC_CTYPE", "NAME_FILE", "NEW_KEYS", "PERSONAL_DATA", "TIME_ZONE",
}  # fmt: skip
PLACE_HOLDERS = ("{", "*", "KEY")


def ids(document):
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_paths_and_links_lead_somewhere(document):
    text = document.read_text()
    named = [name for name in _PATH.findall(text) if name.partition("/")[0] in ROOMS]
    named = [name.rstrip("/") for name in named if not any(part in name for part in PLACE_HOLDERS)]
    assert [name for name in named if not (ROOT / name).exists()] == []
    prose = re.sub(r"`[^`]*`", "", text)
    assert [link for link in _LINK.findall(prose) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_targets_and_commands_exist(document):
    text, makefile = document.read_text(), (ROOT / "Makefile").read_text()
    targets = {name for line in re.findall(r"^([\w %.-]+):", makefile, re.MULTILINE) for name in line.split()}
    asked = {one or other for one, other in _MAKE.findall(text)}
    assert {name for name in asked if name not in targets and not name.startswith("bench-")} == set()
    assert set(_MANAGE.findall(text)) - get_commands().keys() == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_settings_exist(document):
    known = {variable.name for variable in settings.ENVIRONMENT.variables}
    known |= {f"{name}_FILE" for name in known} | {name for name in dir(settings) if name.isupper()}
    assert set(_SETTING.findall(document.read_text())) - known - NO_SETTINGS == set()


def _shape(path):
    return re.sub(r"<row:\w+>|\{[^}]*\}|\b\d+\b", "N", path)


def test_verbs_that_are_named_exist():
    known = {(route.method, _shape(route.path)) for route in ROUTES}
    texts = [document.read_text() for document in DOCUMENTS]
    found = {(verb, _shape(path)) for text in texts for one in (_VERB, _ASKED) for verb, path in one.findall(text)}
    assert len(found) > 20
    assert found - known == set()


def test_every_noun_of_the_api_is_in_its_guide():
    guide = (ROOT / "docs" / "api.md").read_text()
    nouns = {route.path.partition("/")[0] for route in ROUTES}
    assert {noun for noun in nouns if f"`{noun}`" not in guide} == set()
