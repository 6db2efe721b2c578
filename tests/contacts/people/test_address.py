"""Which addresses look mistyped, and which are real though they look so."""

import pytest

from contacts.people.address import likely_typo


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@naver.con", "a@naver.com"),
        ("a@nvaer.com", "a@naver.com"),
        ("a@naaver.com", "a@naver.com"),
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmai.com", "a@gmail.com"),
        ("a@gmail.co", "a@gmail.com"),
        ("a@hanmail.com", "a@hanmail.net"),
        ("a@daum.ney", "a@daum.net"),
        ("a@outlok.com", "a@outlook.com"),
    ],
)
def test_one_slip_in_a_common_domain_is_seen(typed, meant):
    assert likely_typo(typed) == meant


@pytest.mark.parametrize(
    "address",
    [
        "a@naver.com",
        "a@daum.net",
        "a@mail.com",
        "a@email.com",
        "a@ymail.com",
        "a@gmx.com",
        "a@hanbit.example",
        "a@nate.com",
    ],
)
def test_real_domains_are_left_alone(address):
    assert likely_typo(address) == ""
