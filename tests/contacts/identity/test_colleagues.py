"""Merging people of different accounts changes who is a colleague: rules over the people of an account notice."""

from datetime import UTC, datetime

import pytest

from contacts.identity.merge import merge, unmerge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from tests.contacts.segments.living import build, make, members

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BUYERS = {"people_of_account": "any", "rule": {"all": [{"did": "order.placed"}]}}


@pytest.fixture
def hanbit_and_nuri(person):
    """Two accounts of two people each; Ann of the first has bought, Bob of the second has too."""
    accounts = {"Ann": "Hanbit", "Dan": "Hanbit", "Bob": "Nuri", "Cho": "Nuri"}
    people = {
        name: person(name=name, email=f"{name}@x.example.com".lower(), company=at) for name, at in accounts.items()
    }
    catch_up(NOW)
    return people


def bought(contact):
    append([NewEvent(contact.pk, "order.placed", NOW)], source="t", now=NOW)


def test_colleagues_of_the_one_who_goes_up_lose_what_she_did(hanbit_and_nuri):
    ann, bob = hanbit_and_nuri["Ann"], hanbit_and_nuri["Bob"]
    bought(bob)
    segment = make("Buyers' colleagues", BUYERS, now=NOW)
    assert members(segment) == "Bob Cho"
    record = merge(ann.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    assert members(segment) == "Ann Dan"
    unmerge(record, now=NOW)
    catch_up(NOW)
    assert members(segment) == "Bob Cho"


def test_colleagues_she_leaves_lose_what_she_did(hanbit_and_nuri):
    ann, bob = hanbit_and_nuri["Ann"], hanbit_and_nuri["Bob"]
    bought(ann)
    segment = make("Buyers' colleagues", BUYERS, now=NOW)
    assert members(segment) == "Ann Dan"
    record = merge(ann.pk, bob.pk, by=None, now=NOW, taken=["company"])
    catch_up(NOW)
    assert members(segment) == "Ann Cho"
    unmerge(record, now=NOW)
    catch_up(NOW)
    assert members(segment) == "Ann Dan"
    build(NOW)
