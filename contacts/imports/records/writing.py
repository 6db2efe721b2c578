"""Writing records in sets: a range is read, judged with a handful of queries, and written with a handful more.

A repeat of a key changes only what is new. The dry run judges and writes nothing.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from contacts.imports.models import ImportJob, ImportRange, Kind
from contacts.imports.plan import Plan
from contacts.imports.preview import SAMPLE
from contacts.imports.records.activity import Activity
from contacts.imports.records.case import Case, Outcome, Trace
from contacts.imports.records.companies import Companies, stored
from contacts.imports.records.goods import Goods
from contacts.imports.records.sales import Sales
from contacts.imports.refusal import Refusal
from contacts.imports.stage import table_of

_RANGE = """
SELECT key, jsonb_agg(data ORDER BY line) FROM {table}
WHERE key IN (SELECT key FROM {table} WHERE line > %s AND line <= %s)
GROUP BY key HAVING min(line) > %s ORDER BY min(line)
"""


class _Writer(Protocol):
    def judge(self, cases: Sequence[Case], *, lock: bool) -> None: ...
    def write(self, cases: Sequence[Case]) -> Trace: ...


@dataclass
class Written:
    """How many records of a range are new, changed, and neither; the rows refused; and what was done."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    samples: list[dict[str, Any]] = field(default_factory=list)  # of those who change: line, name, what


def judge(job: ImportJob, plan: Plan, after: int, upto: int, now: datetime) -> Written:
    """Return what writing the records that begin in the staged rows after..upto would do."""
    cases = _cases(job, after, upto)
    _WRITERS[job.kind](job, plan, now).judge(cases, lock=False)
    done = _counted(cases)
    changed = [case for case in cases if case.outcome == Outcome.CHANGED and case.news]
    done.samples = [_sample(case) for case in changed[:SAMPLE]]
    return done


def _sample(case: Case) -> dict[str, Any]:
    name, fields = case.first.get("name", case.key), stored(case.news).items()
    return {
        "line": case.first["line"], "email": "", "name": name, "contact": None,
        "fields": [[column, *("" if value is None else str(value) for value in pair)] for column, pair in fields],
    }  # fmt: skip


def write(job: ImportJob, plan: Plan, after: int, upto: int, now: datetime) -> Written:
    """Write these records, each whole or not at all; the caller commits. Raises IntegrityError: try again."""
    cases, writer = _cases(job, after, upto), _WRITERS[job.kind](job, plan, now)
    writer.judge(cases, lock=True)
    done = _counted(cases)
    done.trace = writer.write(cases)
    return done


def note(job: ImportJob, upto: int, trace: Trace, now: datetime) -> None:
    """Keep what a range did, so that the import can be undone."""
    records = {name: done for name, done in asdict(trace).items() if done and name != "people"}
    if records or trace.people:
        ImportRange.objects.create(job=job, upto=upto, at=now, made=trace.people, known=[], records=records)


def _cases(job: ImportJob, after: int, upto: int) -> list[Case]:
    with connection.cursor() as cursor:
        cursor.execute(_RANGE.format(table=table_of(job)), [after, upto, after])
        return [Case(key, json.loads(rows)) for key, rows in cursor.fetchall()]


def _counted(cases: Sequence[Case]) -> Written:
    counts = Counter(case.outcome for case in cases if case.outcome is not None)
    return Written(counts, [refusal for case in cases for refusal in case.refusals()])


_WRITERS: dict[str, Callable[[ImportJob, Plan, datetime], _Writer]] = {
    Kind.PRODUCTS: Goods, Kind.ORDERS: Sales, Kind.EVENTS: Activity, Kind.ACCOUNTS: Companies
}  # fmt: skip
