"""What the health page shows, read once for each look at it."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.ledger.partitions import months_ahead
from crm.home.health import alarms, heartbeats, pulse
from crm.home.health.signals import Signal, disks, signals
from crm.home.models import Heartbeat
from crm.kit.logs import without_people
from crm.kit.work import WorkRow, WorkState

# Work given up that a person may have done once more; the rest is mended where it was begun.
RETRYABLE = ("campaigns.consentnotice", "campaigns.webhookreceipt", "team.notice")
_NEWEST_REASONS = 5


@dataclass(frozen=True)
class Row:
    """One kind of work, by its name, with the newest reasons for giving up."""

    work: pulse.Work
    label: str
    reasons: list[str]
    may_retry: bool


@dataclass(frozen=True)
class Process:
    """One process, and whether its last sign of life is recent."""

    beat: Heartbeat
    label: Any
    lives: bool


_ROLES = {
    heartbeats.WORKER: _("Worker"),
    heartbeats.CLOCK: _("Clock"),
    heartbeats.FOLLOW: _("Computing"),
}


@dataclass(frozen=True)
class Report:
    """Everything the page shows."""

    signals: list[tuple[Signal, bool]]
    processes: list[Process]
    work: list[Row]
    mails: pulse.Mails
    last_sent: datetime | None
    people_due: int
    open_sends: int
    months_ahead: int
    disks: dict[str, float]
    versions: list[tuple[str, str]]

    @property
    def busy(self) -> list[Row]:
        """Return the kinds of work in which there is anything."""
        return [row for row in self.work if row.work.due or row.work.stuck or row.work.running or row.work.failed]

    @property
    def is_well(self) -> bool:
        """Tell whether nothing is bad and no alarm stands."""
        return not any(signal.is_bad or raised for signal, raised in self.signals)


def report(now: datetime) -> Report:
    """Return how everything is at `now`."""
    standing = alarms.raised()
    people, sends = pulse.waiting(now)
    return Report(
        signals=[(one, one.key in standing) for one in signals(now)],
        processes=[_process(beat, now) for beat in heartbeats.all_of_them()],
        work=[_row(one) for one in pulse.work(now, timedelta(seconds=settings.HEALTH_STUCK_SECONDS))],
        mails=pulse.mails(now),
        last_sent=pulse.last_sent(),
        people_due=people,
        open_sends=sends,
        months_ahead=months_ahead(now),
        disks=disks(),
        versions=_versions(),
    )


def _process(beat: Heartbeat, now: datetime) -> Process:
    lives = (now - beat.at).total_seconds() < settings.HEALTH_SILENCE_SECONDS
    return Process(beat, _ROLES.get(beat.role, beat.role), lives)


def _row(work: pulse.Work) -> Row:
    model = pulse.kinds_of_work()[work.kind]
    reasons = _reasons(model) if work.failed else []
    return Row(work, str(model._meta.verbose_name_plural), reasons, work.kind in RETRYABLE)


def _reasons(model: type[WorkRow]) -> list[str]:
    failed = model._base_manager.filter(state=WorkState.FAILED).exclude(last_error="")
    newest = failed.order_by("-pk").values_list("last_error", flat=True)[: _NEWEST_REASONS * 10]
    return list(dict.fromkeys(without_people(reason)[:200] for reason in newest))[:_NEWEST_REASONS]


def _versions() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        database = str(cursor.fetchone()[0])
    return [
        ("Wayfare", settings.VERSION),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Celery", version("celery")),
        ("PostgreSQL", database),
    ]


def retry(kind: str, now: datetime) -> int:
    """Have all work of a retryable kind that was given up done once more, and return how much. Raises KeyError."""
    if kind not in RETRYABLE:
        raise KeyError(kind)
    failed = pulse.kinds_of_work()[kind]._base_manager.filter(state=WorkState.FAILED)
    return failed.update(state=WorkState.READY, due_at=now, attempts=0, lease_until=None)
