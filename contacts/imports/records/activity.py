"""Rows of activity: page and product views, carts and forms, once per number."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan
from contacts.imports.records.case import Case, Outcome, Refused, Trace
from contacts.imports.records.people import People
from contacts.ledger.append import NewEvent, append

SOURCE = "import.events"
# Activity that is gone with its person may be imported again.
_FREE = "DELETE FROM event_key WHERE source = %s AND key = ANY(%s)"
_KNOWN = "SELECT key FROM event_key WHERE source = %s AND key = ANY(%s)"


class Activity:
    """What a range of activity does: `judge` only reads, `write` appends what is new."""

    def __init__(self, job: ImportJob, plan: Plan, now: datetime) -> None:
        self._job, self._plan, self._now = job, plan, now

    def judge(self, cases: Sequence[Case], *, lock: bool) -> None:  # noqa: ARG002 - nothing is changed, so none locked
        """Say of each case whether it is new; who may not be made is refused."""
        self._people = People(cases)
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [SOURCE, [case.key for case in cases]])
            known = {key for (key,) in cursor.fetchall()}
        for case in cases:
            try:
                self._people.check(case, makes_people=self._plan.makes_people)
            except Refused as refused:
                case.refused = refused
            else:
                case.outcome = Outcome.SAME if case.key in known else Outcome.NEW

    def write(self, cases: Sequence[Case]) -> Trace:
        """Append what is new."""
        new = [case for case in cases if case.outcome == Outcome.NEW]
        made = self._people.make(new, self._job, self._now)
        append(map(self._event, new), source=SOURCE, now=self._now)
        return Trace(people=made, keys=self._keys(new, set(made)))

    def _keys(self, new: Sequence[Case], made: Collection[int]) -> list[list[Any]]:
        owned = ([self._people.id_of(case), case.key] for case in new)
        return [[person, key] for person, key in owned if person in made]

    def _event(self, case: Case) -> NewEvent:
        row = case.first
        facts = {"name": row["title"], "title": row["title"]} if "title" in row else {}
        value = Decimal(row["value"]) if "value" in row else None
        at = datetime.fromisoformat(row["at"])
        return NewEvent(self._people.id_of(case), row["kind"], at, value=value, properties=facts, key=case.key)


def free(keys: Sequence[tuple[int, str]], gone: Collection[int]) -> None:
    """Let the activity of people who are `gone` be imported again, of the [contact, key] that a range kept."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [SOURCE, [key for person, key in keys if person in gone]])
