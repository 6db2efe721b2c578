"""Channels of visits, and which of them is kept as first and as last."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.followers.touches.channel import touch_of
from contacts.models import ContactTouch

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SITE = "https://shop.example.com/"


@pytest.mark.parametrize(
    ("properties", "channel"),
    [
        ({"url": SITE}, "direct"),
        ({}, "direct"),
        ({"url": SITE, "referrer": "https://shop.example.com/about"}, "direct"),
        ({"url": SITE + "?utm_source=news&utm_medium=email"}, "mail"),
        ({"utm_source": "google", "utm_medium": "CPC"}, "ads"),
        ({"url": SITE + "?gclid=abc"}, "ads"),
        ({"url": SITE + "?n_media=27758&n_query=%EB%AA%A8%EC%9E%90&n_rank=1"}, "ads"),
        ({"url": SITE + "?NaPm=ct%3Dm1%7Cci%3D0%7Ctr%3Dsa%7Chk%3D1"}, "ads"),
        ({"url": SITE + "?NaPm=ct%3Dm1%7Cci%3D0%7Ctr%3Dslsl%7Chk%3D1"}, "referral"),
        ({"url": SITE + "?nt_source=kakao&nt_medium=sns"}, "social"),
        ({"referrer": "https://search.naver.com/search.naver?query=x"}, "search"),
        ({"referrer": "https://m.blog.naver.com/someone/1"}, "social"),
        ({"referrer": "https://cafe.daum.net/x"}, "social"),
        ({"referrer": "https://www.google.co.kr/"}, "search"),
        ({"referrer": "https://mail.google.com/"}, "mail"),
        ({"referrer": "https://partner.example.org/post"}, "referral"),
        ({"referrer": "https://notgoogle.com/"}, "referral"),
        ({"referrer": "http://[broken", "url": "http://[broken"}, "direct"),
        ({"url": SITE + "?fbclid=1"}, "social"),
        ({"utm_source": "poster", "utm_medium": "qr"}, "qr"),
        ({"utm_source": "friend"}, "referral"),
        ({"url": 7, "referrer": ["x"], "utm_source": None}, "direct"),
    ],
)
def test_channel_of_a_visit(properties, channel):
    assert touch_of(properties).channel == channel


def test_facts_are_kept_and_cut():
    facts = touch_of({"url": SITE + "?n_query=%EB%AA%A8%EC%9E%90&n_media=1", "utm_source": "x" * 500}).facts
    assert facts == {"n_query": "모자", "n_media": "1", "utm_source": "x" * 300}


def visit(minutes, **properties):
    return NewEvent(1, "page.viewed", NOW + timedelta(minutes=minutes - 60), properties={"url": SITE, **properties})


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_first_and_last_whatever_the_order(order):
    visits = [
        visit(0),
        visit(1, utm_source="naver", utm_medium="cpc"),
        visit(2, referrer="https://www.google.com/"),
        visit(3),
    ]
    for index in order:
        append([visits[index]], source="t", now=NOW)
        catch_up(NOW)
    touch = ContactTouch.objects.get(contact_id=1)
    assert (touch.first_channel, touch.first_at) == ("direct", visits[0].occurred_at)
    assert (touch.last_channel, touch.last_at) == ("search", visits[2].occurred_at)
    assert touch.last_facts == {"referrer": "google.com"}


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_without_a_source_the_last_touch_is_the_first(order):
    for index in order:
        append([visit(index)], source="t", now=NOW)
        catch_up(NOW)
    touch = ContactTouch.objects.get(contact_id=1)
    assert touch.first_at == touch.last_at == visit(0).occurred_at
