"""Who went on from a stage, and after how long: exact shares and medians, of the people the reader may see."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.stages.choice import stages_in_use
from contacts.stages.moving import move
from crm.home.passage import Passage, passages, rows
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob@example.com", name="Bob", role=Role.SALES_REP)


def _person(n: int, owner: User | None) -> int:
    address = f"p{n}@example.com"
    return Contact.objects.create(email=address, email_key=email_key(address), owner=owner).pk


def _walk(person: int, *days_and_stages, by: User, cause: str = "person") -> None:
    for days, stage in days_and_stages:
        move([person], stage, cause=cause, by=by, now=NOW - timedelta(days=days))


def _passages(user: User) -> dict[int, Passage]:
    return passages(rows(Contact.objects.visible_to(user), NOW), stages_in_use())


def test_share_and_median_count_each_stay_once(bob):
    alice = User.objects.create_user("alice@example.com", name="Alice", role=Role.MARKETER)
    discover, educate, convert, *_rest = stages_in_use()
    _walk(_person(1, bob), (40, discover), (30, educate), by=alice)
    _walk(_person(2, alice), (40, discover), (20, convert), by=alice)
    _walk(_person(3, alice), (40, discover), by=alice)
    _walk(_person(4, alice), (50, educate), (45, discover), (15, educate), by=alice)
    _walk(_person(5, alice), (200, discover), (100, educate), by=alice)
    _walk(_person(6, alice), (30, discover), (29, educate), by=alice, cause="model")
    found = _passages(alice)
    assert found[discover.pk] == Passage(came=4, share=3 / 4, days=20)
    assert found[educate.pk] == Passage(came=3, share=0, days=None)
    assert found[convert.pk] == Passage(came=1, share=0, days=None)
    assert _passages(bob) == {
        discover.pk: Passage(came=1, share=1, days=10),
        educate.pk: Passage(came=1, share=0, days=None),
    }
