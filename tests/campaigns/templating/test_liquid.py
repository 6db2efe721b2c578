"""Liquid: limits, refusals with their place, escaping, and what a field falls back on."""

import pytest

from campaigns.templating.errors import TemplateError
from campaigns.templating.fields import FIXED
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.uses import uses

KNOWN = {field.key for field in FIXED} | {"contact.attributes.plan", "contact.attributes.cities"}
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\r\nBcc: a@example.com"


def shown(source: str, part: str = "html", **values: object) -> str:
    """Render with only these values."""
    return render(compile_source(source, part=part), values, part=part)


def refusal(source: str, part: str = "html") -> TemplateError:
    """Return the error that reading the source raises."""
    with pytest.raises(TemplateError) as caught:
        uses(source, part=part, known=KNOWN)
    return caught.value


def test_values_are_escaped_in_html_and_never_read_as_code() -> None:
    assert shown("Hi {{ contact.name }}!", contact={"name": '<b>{{ 7*7 }}</b>&"'}) == (
        "Hi &lt;b&gt;{{ 7*7 }}&lt;/b&gt;&amp;&#34;!"
    )


def test_subject_is_not_escaped_and_stays_one_line() -> None:
    assert shown("{{ contact.name }}", "subject", contact={"name": HOSTILE}) == (
        "<script>alert(1)</script>{{ 7*7 }} Bcc: a@example.com"
    )


@pytest.mark.parametrize(
    "filters",
    [
        "append: '<i>'", "prepend: '<i>'", "default: 'x'", "nim", "josa: '은/는'", "money", "date", "number", "upcase",
        "capitalize", "replace: 'a', '<i>'", "truncate: 400", "truncatewords: 40", "split: 'q' | join: '<i>'",
        "split: 'q' | first", "strip | lstrip | rstrip", "newline_to_br", "strip_newlines", "slice: 0, 50",
        "escape_once", "strip_html | append: contact.name", "remove: 'x'", "split: 'q' | sort | uniq | reverse | last",
    ],
)  # fmt: skip
def test_no_filter_lets_data_through_unescaped(filters: str) -> None:
    out = shown("{{ contact.name | " + filters + " }}", contact={"name": HOSTILE})
    assert "<script" not in out.lower()


def test_safe_and_include_do_not_exist() -> None:
    for source in ("{{ contact.name | safe }}", "{% include 'x' %}", "{% render 'x' %}", "{% liquid echo 1 %}"):
        with pytest.raises(TemplateError):
            shown(source, contact={"name": "x"})


def test_loop_of_a_thousand_million_is_refused_with_its_line() -> None:
    error = refusal("one\n{% for i in (1..1000000000) %}x{% endfor %}")
    assert (error.line, error.part) == (2, "html")
    assert "1000000000" in str(error)


def test_range_of_a_field_is_refused() -> None:
    assert "two plain numbers" in str(refusal("{% for i in (1..contact.attributes.plan) %}x{% endfor %}"))


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in (1..1000) %}{% for b in (1..1000) %}{% endfor %}{% endfor %}",
        "{% for a in (1..900) %}{% endfor %}{% for a in (1..900) %}{% endfor %}",
        "{% for a in (1..1000000000) %}{% endfor %}",
        "{% for a in (1..1000000000) reversed %}{% break %}{% endfor %}",
        "{{ (1..1000000000) | join: 'x' }}",
        "{% assign n = 9 %}{% for a in (1..90) %}{% assign n = n | times: n %}{% endfor %}",
        "{% assign s = 'xxxxxxxx' %}{% for a in (1..90) %}{% assign s = s | append: s %}{% endfor %}",
        "{% capture s %}{% for a in (1..900) %}aaaaaaaaaa{% endfor %}{% endcapture %}{{ s | replace: 'a', s }}",
    ],
)
def test_no_template_runs_long_or_grows_large(source: str) -> None:
    with pytest.raises(TemplateError):
        shown(source)


def test_template_that_does_not_parse_names_its_line() -> None:
    error = refusal("a\nb\n{% if contact.name %}never closed")
    assert error.line == 3
    assert "cannot be read" in str(error)
    assert refusal("x\n{{ contact.name }} {{ | }}\n").line == 2


def test_unknown_filter_is_named_with_its_line() -> None:
    error = refusal("x\n{{ contact.name | sparkle }}")
    assert (error.line, '"sparkle"' in str(error)) == (2, True)


def test_unknown_field_is_named_with_its_line() -> None:
    error = refusal("a\nHello {{ contact.nmae }}", "subject")
    assert (error.field, error.line, error.part) == ("contact.nmae", 2, "subject")


def test_unknown_field_at_render_time_is_an_error_too() -> None:
    with pytest.raises(TemplateError, match=r"contact\.attributes\.gone"):
        shown("{{ contact.attributes.gone }}", contact={"attributes": {}})


def test_uses_know_what_is_guarded() -> None:
    source = (
        "{{ contact.name }}{{ contact.city | default: 'x' }}{{ contact.title | nim }}\n"
        "{% if contact.company %}{{ contact.company }}{% endif %}"
        "{% for city in contact.attributes.cities %}{{ city }}{{ forloop.index }}{% endfor %}"
        "{% assign plan = contact.attributes.plan | upcase %}{{ plan }}"
    )
    found = {(use.key, use.line, use.guarded) for use in uses(source, part="html", known=KNOWN)}
    assert found == {
        ("contact.name", 1, False),
        ("contact.city", 1, True),
        ("contact.title", 1, True),
        ("contact.company", 2, True),
        ("contact.attributes.cities", 2, True),
        ("contact.attributes.plan", 2, True),
    }


@pytest.mark.parametrize(
    ("source", "language", "expected"),
    [
        ("{{ name | nim }}", "ko", "김철수 님"),
        ("{{ none | nim }}", "ko", "고객님"),
        ("{{ none | nim }}", "en", "there"),
        ("{{ name | josa: '은/는' }}", "ko", "김철수는"),
        ("{{ city | josa: '으로/로' }}", "ko", "서울로"),
        ("{{ 12000 | money }}", "ko", "12,000원"),
        ("{{ 12000 | money }}", "en", "₩12,000"),
        ("{{ 12.5 | money: 'USD' }}", "en", "$12.50"),
        ("{{ '2026-11-21' | date }}", "ko", "2026. 11. 21. (토)"),
        ("{{ '2026-11-21' | date }}", "en", "Sat, 21 Nov 2026"),
        ("{{ '2026-11-20T15:30:00+00:00' | date: 'time' }}", "ko", "2026. 11. 21. (토) 00:30"),
        ("{{ '2026-11-21' | date: 'short' }}", "ko", "11월 21일"),
        ("{{ 1234567.5 | number }}", "en", "1,234,567.5"),
        ("{{ none | default: '고객' }}", "ko", "고객"),
    ],
)
def test_filters_speak_the_readers_language(source: str, language: str, expected: str) -> None:
    values = {"name": "김철수", "city": "서울", "none": None}
    assert shown(source, mail={"language": language, "time_zone": "Asia/Seoul"}, **values) == expected
