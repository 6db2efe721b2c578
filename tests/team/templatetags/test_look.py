"""Letters of an avatar: exact, for people and companies of both scripts."""

from datetime import date

import pytest
from django.template import Context, Template
from django.utils import translation

from crm.kit import figures
from crm.team.templatetags.look import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("김서연", "서연"),
        ("Anna Maria Weiß", "AW"),
        ("㈜누리봄", "리봄"),
        ("(주)미르전자", "르전"),
        ("주식회사 가온물산", "온물"),
        ("한빛 주식회사", "빛"),
        ("주식회사", "식회"),
        ("", "?"),
    ],
)
def test_initials_leave_the_legal_form_out(name, letters):
    assert initials(name) == letters


def test_a_badge_says_its_words_and_escapes_them():
    plain = '<span class="wf-badge"><span>&lt;b&gt;VIP</span></span>'
    assert Template("{% badge text %}").render(Context({"text": "<b>VIP"})) == plain
    toned = Template('{% badge "Agreed" "good" "check" %}').render(Context({}))
    assert toned.startswith('<span class="wf-badge is-good"><svg class="icon ')
    assert toned.endswith("<span>Agreed</span></span>")
    included = Template('{% include "components/badge.html" with text=text only %}').render(Context({"text": "<b>VIP"}))
    assert included.strip() == plain


def test_an_avatar_shows_initials_in_the_size_that_is_asked_for():
    drawn = Template("{% avatar name %}|{% avatar name 'lg' %}").render(Context({"name": "김서연"}))
    small, large = drawn.split("|")
    assert (">서연<" in small, "is-lg" in small, "is-lg" in large) == (True, False, True)


def test_a_date_is_written_anew_in_each_language():
    on = date(2026, 11, 21)
    with translation.override("en"):
        assert figures.calendar_day(on) == "Sat, Nov 21, 2026"
    with translation.override("ko"):
        assert figures.calendar_day(on) == "2026. 11. 21. (토)"
    with translation.override("en"):
        assert figures.calendar_day(on) == "Sat, Nov 21, 2026"


def test_an_address_may_break_after_its_at_sign_only():
    render = Template("{{ address|breakable }}").render
    assert render(Context({"address": "minji.kim+shop@example.com"})) == "minji.kim+shop@<wbr>example.com"
    assert render(Context({"address": "<i>@a"})) == "&lt;i&gt;@<wbr>a"
    assert render(Context({"address": "010-1234-5678"})) == "010-1234-5678"
