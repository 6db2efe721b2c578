"""What is counted of the running install, each in one cheap query: read by metrics, the health page and the alarms."""

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection

from crm.kit.work import WorkRow

WINDOW = timedelta(hours=24)
# Each part is answered by a partial index (0002_health): finished work is not looked at.
_WORK = """
SELECT %s AS kind,
       (SELECT count(*) FROM {table} WHERE state = 'ready' AND due_at <= %s),
       (SELECT count(*) FROM {table} WHERE state IN ('ready', 'leased') AND due_at <= %s
          AND (lease_until IS NULL OR lease_until < %s)),
       (SELECT count(*) FROM {table} WHERE state = 'leased'),
       (SELECT count(*) FROM {table} WHERE state = 'failed')
"""
_OUTCOMES = """
SELECT k.key, sum(c.n)::bigint
FROM ledger_subject s JOIN subject_counter c ON c.subject_id = s.id JOIN ledger_kind k ON k.id = c.kind_id
WHERE s.type = 'dispatch' AND k.key LIKE 'mail.%%' GROUP BY 1 ORDER BY 1
"""
_LATELY = """
SELECT k.key, count(*) FROM ledger_kind k JOIN event e ON e.kind_id = k.id AND e.occurred_at > %s
WHERE k.key = ANY(%s) GROUP BY 1
"""
_LAST_SENT = """
SELECT occurred_at FROM event WHERE kind_id = (SELECT id FROM ledger_kind WHERE key = 'mail.sent')
ORDER BY occurred_at DESC LIMIT 1
"""
_WAITING = """
SELECT (SELECT count(*) FROM journeys_enrolment WHERE ended_at IS NULL AND problem = '' AND due_at <= %s),
       (SELECT count(*) FROM campaigns_dispatch WHERE state IN ('freezing', 'sending'))
"""


@dataclass(frozen=True)
class Work:
    """One kind of work: due now, due for longer than it may take, being done, set aside for a person."""

    kind: str
    due: int
    stuck: int
    running: int
    failed: int


@dataclass(frozen=True)
class Mails:
    """Mails of the last 24 hours, in events."""

    sent: int
    bounced: int
    complained: int

    @property
    def bounce_rate(self) -> float:
        """Return what came back for good per mail sent, 0 … 1."""
        return self.bounced / self.sent if self.sent else 0.0

    @property
    def complaint_rate(self) -> float:
        """Return reports as spam per mail sent, 0 … 1."""
        return self.complained / self.sent if self.sent else 0.0


@functools.cache
def kinds_of_work() -> dict[str, type[WorkRow]]:
    """Return every model of work by its label, such as "campaigns.chunk"."""
    found = [model for model in apps.get_models() if issubclass(model, WorkRow)]
    return {model._meta.label_lower: model for model in sorted(found, key=lambda model: model._meta.label_lower)}


def work(now: datetime, patience: timedelta) -> list[Work]:
    """Return how each kind of work stands; `patience` after its time a row counts as stuck."""
    parts: list[str] = []
    params: list[str | datetime] = []
    for kind, model in kinds_of_work().items():
        parts.append(_WORK.format(table=connection.ops.quote_name(model._meta.db_table)))
        params += [kind, now, now - patience, now - patience]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return [Work(*row) for row in cursor.fetchall()]


def outcomes() -> dict[str, int]:
    """Return how many mails of all time came to which outcome, by the key of the event."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES)
        return dict(cursor.fetchall())


def mails(now: datetime) -> Mails:
    """Return what became of the mails of the last 24 hours."""
    asked = ["mail.sent", "mail.bounced_hard", "mail.complained"]
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, [now - WINDOW, asked])
        found = dict(cursor.fetchall())
    return Mails(*(found.get(key, 0) for key in asked))


def last_sent() -> datetime | None:
    """Return when the last mail of a campaign, journey or call left; None when none ever did."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_SENT)
        row = cursor.fetchone()
    return row[0] if row else None


def waiting(now: datetime) -> tuple[int, int]:
    """Return how many people of journeys are due for a step, and how many sends are open."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [now])
        people, sends = cursor.fetchone()
    return int(people), int(sends)
