"""The outcome of a call after a merge: the newer one holds, and goes back when the people are separated."""

from datetime import date, timedelta

import pytest

from contacts.identity.merge import merge, unmerge
from contacts.leads.models import FollowUp

pytestmark = pytest.mark.django_db


def noted(contact, outcome, at, due_on=None):
    return FollowUp.objects.create(contact=contact, outcome=outcome, at=at, due_on=due_on)


def held(contact):
    return FollowUp.objects.filter(pk=contact.pk).values_list("outcome", "at", "due_on").first()


def test_the_newer_outcome_holds_and_goes_back(crowd, now):
    older, newer = (now - timedelta(days=2), date(2026, 12, 1)), now - timedelta(days=1)
    noted(crowd.kim, "later", *older)
    noted(crowd.lee, "answered", newer)
    done = merge(crowd.kim.pk, crowd.lee.pk, by=None, now=now)
    assert held(crowd.kim) == ("answered", newer, None)
    unmerge(done, now=now)
    assert held(crowd.kim) == ("later", *older)
    assert held(crowd.lee) == ("answered", newer, None)


def test_an_older_outcome_changes_nothing(crowd, now):
    noted(crowd.kim, "no_answer", now)
    noted(crowd.lee, "answered", now - timedelta(days=1))
    done = merge(crowd.kim.pk, crowd.lee.pk, by=None, now=now)
    unmerge(done, now=now)
    assert [held(one)[0] for one in (crowd.kim, crowd.lee)] == ["no_answer", "answered"]


def test_a_taken_outcome_goes_and_what_was_noted_since_stays(crowd, now):
    noted(crowd.lee, "answered", now)
    noted(crowd.caller, "not_now", now)
    first = merge(crowd.kim.pk, crowd.lee.pk, by=None, now=now)
    second = merge(crowd.park.pk, crowd.caller.pk, by=None, now=now)
    FollowUp.objects.filter(pk=crowd.park.pk).update(outcome="no_answer", at=now + timedelta(hours=1))
    unmerge(first, now=now)
    unmerge(second, now=now)
    assert held(crowd.kim) is None
    assert held(crowd.park)[0] == "no_answer"
