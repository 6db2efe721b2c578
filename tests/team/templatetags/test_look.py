"""Letters of an avatar: exact, for people and companies of both scripts."""

import pytest

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
