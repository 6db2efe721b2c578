"""Front-end files: found in node_modules by name only, served whole under ASGI, collected with hashes for a server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from crm.runtime import assets
from crm.runtime.assets import NodeFinder, StaticFiles

TABLER = "npm/@tabler/core/dist/css/tabler.min.css"
SERVER = {
    "SECRET_KEY": "s" * 60,
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "BASE_URL": "https://crm.example.com",
    "SMTP_URL": "smtps://127.0.0.1:1",
    "DJANGO_SETTINGS_MODULE": "crm.settings",
}


def test_finder_knows_listed_files_and_no_others() -> None:
    place = finders.find(TABLER)
    assert place is not None
    assert Path(place).name == "tabler.min.css"
    for other in ("npm/@tabler/core/package.json", "npm/../package.json", TABLER.removeprefix("npm/")):
        assert finders.find(other) is None


def test_missing_package_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NodeFinder().check() == []
    monkeypatch.setattr(assets, "FILES", (*assets.FILES, "no-such-package/dist/it.js"))
    [fault] = NodeFinder().check()
    assert (fault.id, fault.hint) == ("wayfare.E006", "Run `make setup`.")
    assert "no-such-package/dist/it.js" in fault.msg


def test_file_is_answered_whole_in_part_and_not_again(client: Client) -> None:
    size = Path(str(finders.find(TABLER))).stat().st_size
    whole = client.get(f"/static/{TABLER}")
    assert (whole.status_code, len(whole.content), whole.streaming) == (200, size, False)
    assert whole.headers["Content-Type"] == 'text/css; charset="utf-8"'
    part = client.get(f"/static/{TABLER}", headers={"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, whole.content[:10])
    again = client.get(f"/static/{TABLER}", headers={"if-modified-since": whole.headers["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(f"/static/{TABLER}")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"/static/{TABLER}").status_code == 405


def test_every_file_that_a_page_names_is_served() -> None:
    named = {
        (page.name, name)
        for page in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for name in re.findall(r"""{%\s*static\s+["']([^"']+)["']\s*%}""", page.read_text())
    }
    assert len(named) > 20
    assert [(page, name) for page, name in sorted(named) if finders.find(name) is None] == []


def test_other_addresses_go_on_to_the_next() -> None:
    def following(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("next")

    assert StaticFiles(following)(RequestFactory().get("/people/")).content == b"next"


def test_server_collects_every_file_under_a_hashed_name(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in {"WAYFARE_VAR", "SECRET_KEY"}}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        env=environment | SERVER | {"WAYFARE_VAR": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert TABLER in names
    for name in names.values():
        assert (tmp_path / "static" / name).is_file()
    style = (tmp_path / "static" / names[TABLER]).read_text()
    assert style.startswith("@charset")
