"""A step's kind run over a batch, as the engine does: settings through its form, rows in the temporary table."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from contacts.segments.rules.moment import Moment
from crm.team.models import Role, User
from journeys.engine.batch import TABLE, Batch, Place
from journeys.steps.kind import STEP_KINDS
from journeys.triggers.kind import TRIGGER_KINDS
from tests.journeys import kinds

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
ZONES = ("America/New_York", "Asia/Seoul", "Europe/Berlin")


def cleaned(kind, settings):
    """Return the settings as the form cleans them; what it stores has to give the same again."""
    form = STEP_KINDS[kind].read(settings)
    assert form.is_valid(), form.errors
    again = STEP_KINDS[kind].read(form.stored())
    assert again.is_valid(), again.errors
    assert again.stored() == form.stored()
    return form.cleaned_data


class Running:
    """Runs a kind over people. Each row is a contact, or a dict with contact_id and other columns."""

    def __init__(self):
        self.place = {"step_id": 1, "key": "here", "version_id": 1, "journey_id": 7}

    def __call__(self, kind, settings, rows, *, at=NOW, acting=True):
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
            cursor.execute("DELETE FROM journey_batch")
            for number, row in enumerate(rows, start=1):
                self._insert(cursor, number, row, at)
            place = Place(**self.place, cleaned=cleaned(kind, settings))
            batch = Batch(cursor, "journey_batch", len(rows), place, Moment(at, SEOUL, ZONES))
            if acting:
                STEP_KINDS[kind].act(batch)
            sql = STEP_KINDS[kind].outcome(batch)
            cursor.execute(sql.text, sql.params or None)
            found = {number: (*rest, facts and json.loads(facts)) for number, *rest, facts in cursor.fetchall()}
        assert len(found) == len(rows)
        return [found[number] for number in range(1, len(rows) + 1)]

    def _insert(self, cursor, number, row, at):
        given = row if isinstance(row, dict) else {"contact_id": row.pk}
        values = {"id": number, "key": "", "visit": 0, "at": at, "arrived_at": at, "entered_at": at} | given
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO journey_batch ({names}) VALUES ({places})", list(values.values()))


@pytest.fixture
def run(db):
    return Running()


@pytest.fixture
def outlets(run):
    """Run a kind and return the outlets alone."""
    return lambda *args, **options: [row[0] for row in run(*args, **options)]


@pytest.fixture
def tiny_kinds(monkeypatch):
    """Kinds of steps and triggers that have only a shape, known for one test."""
    tiny = {kind.key: kind for kind in kinds.KINDS}
    monkeypatch.setattr(STEP_KINDS, "_entries", STEP_KINDS._entries | tiny)
    monkeypatch.setattr(TRIGGER_KINDS, "_entries", TRIGGER_KINDS._entries | {kinds.HAND.key: kinds.HAND})


@pytest.fixture
def mina(db):
    """A marketer."""
    return User.objects.create_user("mina@example.com", "pw", name="Mina", role=Role.MARKETER)
