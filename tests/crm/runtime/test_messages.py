"""Korean catalogue: what is found in sources, what is missing, what Django then shows."""

import gettext
import json
from pathlib import Path

import pytest

from crm.runtime.messages import Catalogue, CatalogueError, Message, compile_stale, extracted

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
title = _("People")
same = _("People")
counted = ngettext("%(n)s mail", "%(n)s mails", 3)
verb = pgettext("button", "Open")
not_ours = lookup("No string of ours")
"""
TEMPLATE = """
<p title="{% translate 'A "quoted" hint' %}">
{% if user %}
    {% blocktranslate trimmed with name=user.name %}
      Hello
      {{ name }}, it's (half) 50% done
    {% endblocktranslate %}
  {% endif %}
{% blocktranslate count n=rows|length %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
{{ value|default:_("nothing") }}
</p>
"""
KOREAN = {
    "People": "사람",
    "%(n)s mail": ["메일 %(n)s통"],
    "button\x04Open": "열기",
    'A "quoted" hint': "도움말",
    "Hello %(name)s, it's (half) 50%% done": "%(name)s님, 50%% 완료",
    "%(n)s row": ["%(n)s행"],
    "nothing": "없음",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("crm", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "crm" / "views.py").write_text(PYTHON)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def part(checkout: Path, name: str, entries: object) -> Path:
    place = checkout / "locale" / "ko" / "parts" / f"{name}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(entries))
    return place


def test_extracted_finds_every_kind_of_call_in_python_and_templates(checkout: Path) -> None:
    assert {message.key: message.plural for message in extracted(checkout)} == {
        (None, "People"): None,
        (None, "%(n)s mail"): "%(n)s mails",
        ("button", "Open"): None,
        (None, 'A "quoted" hint'): None,
        (None, "Hello %(name)s, it's (half) 50%% done"): None,
        (None, "%(n)s row"): "%(n)s rows",
        (None, "nothing"): None,
    }


def test_problems_name_missing_fuzzy_and_wrong_placeholders(checkout: Path) -> None:
    catalogue = Catalogue(checkout / "locale")
    messages = extracted(checkout)
    part(checkout, "one", {**KOREAN, "People": "", "%(n)s row": ["%(rows)s행"]})
    assert catalogue.problems(messages) == [
        "crm/views.py: no Korean for 'People'",
        "templates/page.html: other placeholders in '%(rows)s행' than in '%(n)s row'",
    ]
    part(checkout, "one", KOREAN)
    assert catalogue.problems(messages) == []
    catalogue.write(messages)
    assert catalogue.parts == []
    assert catalogue.problems(messages) == []
    catalogue.po.write_text(catalogue.po.read_text().replace('msgid "People"', '#, fuzzy\nmsgid "People"'))
    assert catalogue.problems(messages) == ["crm/views.py: no Korean for 'People'"]
    assert catalogue.problems([Message(None, "New", None, ("templates/new.html",))]) == [
        "templates/new.html: no Korean for 'New'"
    ]


def test_compiled_parts_are_what_gettext_reads_before_and_after_the_merge(checkout: Path) -> None:
    catalogue = Catalogue(checkout / "locale")
    part(checkout, "one", KOREAN)
    assert compile_stale(catalogue.locale) is True
    assert compile_stale(catalogue.locale) is False
    for _round in ("parts", "merged"):
        korean = gettext.translation("django", catalogue.locale, ["ko"])
        assert korean.gettext("People") == "사람"
        assert korean.ngettext("%(n)s mail", "%(n)s mails", 5) == "메일 %(n)s통"
        assert korean.pgettext("button", "Open") == "열기"
        catalogue.write(extracted(checkout))
        catalogue.compile()


@pytest.mark.parametrize("entries", [{"People": 3}, {"People": ["하나", "둘"]}, {"People": [1]}])
def test_part_of_a_wrong_shape_is_refused_by_name(checkout: Path, entries: object) -> None:
    place = part(checkout, "odd", entries)
    with pytest.raises(CatalogueError, match=rf"{place.name}: 'People' must be a string"):
        Catalogue(checkout / "locale").said()


def test_part_that_is_no_json_is_refused_by_name(checkout: Path) -> None:
    part(checkout, "odd", {}).write_text("{")
    with pytest.raises(CatalogueError, match=r"odd\.json"):
        Catalogue(checkout / "locale").said()
