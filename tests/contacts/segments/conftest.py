"""Asking rules: who matches, by both forms; the two have to agree."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.sql import compose

SEOUL = ZoneInfo("Asia/Seoul")
AT = Moment(datetime(2026, 11, 21, 3, 0, tzinfo=UTC), SEOUL, ("America/New_York", "Asia/Seoul", "Pacific/Kiritimati"))


def definition(*nodes, mode="all"):
    return {"version": 1, "rule": {mode: list(nodes)}}


def ids(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return {number for (number,) in cursor.fetchall()}


def matching(rule, at=AT):
    """Return the ids of all who match; both forms have to give the same, and a rule parses back from what it stores."""
    assert parse(rule.stored()) == rule
    everybody = ids(rule.everybody(at))
    one_by_one = compose(
        "SELECT c.id FROM contacts_contact c WHERE c.merged_into_id IS NULL AND {test}", test=rule.test(at)
    )
    assert ids(one_by_one) == everybody
    return everybody


@pytest.fixture
def who(db):
    """Return the names of those who match nodes joined by `mode`, in order: who({"field": …}) == "Ann Bob"."""
    from contacts.people.models import Contact

    def ask(*nodes, mode="all", at=AT):
        found = matching(parse(definition(*nodes, mode=mode)), at)
        return " ".join(sorted(Contact.objects.filter(pk__in=found).values_list("name", flat=True)))

    return ask


@pytest.fixture(autouse=True)
def _without_stage_rules(monkeypatch):
    """Keep the segments behind the rules of stages out of these tests, which count segments."""
    monkeypatch.setattr("contacts.stages.following.is_incomplete", lambda _model: False)
