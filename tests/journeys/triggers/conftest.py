"""Triggers asked as the engine asks them: new events FROM a sub-query, a stretch of time, who fits now."""

from types import SimpleNamespace

import pytest
from django.db import connection

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql
from journeys.triggers.kind import TRIGGER_KINDS
from tests.journeys.conftest import NOW, SEOUL, ZONES

_EVENTS = Sql("(SELECT * FROM event)")


def settled(kind, settings):
    """Return kind and cleaned settings; what the form stores has to give the same again."""
    form = TRIGGER_KINDS[kind].read(settings)
    assert form.is_valid(), form.errors
    again = TRIGGER_KINDS[kind].read(form.stored())
    assert again.is_valid(), again.errors
    assert again.stored() == form.stored()
    return TRIGGER_KINDS[kind], form.cleaned_data


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params or None)
        return cursor.fetchall()


@pytest.fixture
def ask(db):
    def started(kind, settings):
        trigger, cleaned = settled(kind, settings)
        return sorted(rows(trigger.started(cleaned, _EVENTS)))

    def due(kind, settings, since, until):
        trigger, cleaned = settled(kind, settings)
        return sorted(row[:3] for row in rows(trigger.due(cleaned, since, until, Moment(until, SEOUL, ZONES))))

    def fits(kind, settings):
        trigger, cleaned = settled(kind, settings)
        return sorted(number for (number,) in rows(trigger.fits_now(cleaned, Moment(NOW, SEOUL, ZONES))))

    return SimpleNamespace(started=started, due=due, fits=fits)
