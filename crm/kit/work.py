"""Work rows: what must be done, claimed in one statement under a lease. Used by imports, sends, waits and webhooks.

A row is *due* when its state is ready and due_at has passed, or when it is leased and the lease has run out. A claim
raises the fencing number; every later write of the holder names that number, so that a holder who lost its lease
changes nothing. See docs/work.md.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)


class LostLease(Exception):
    """Another worker has taken this row since; the holder must stop and write nothing more."""


class NotYet(Exception):
    """Something must be over first; the row is claimed again after `pause`, and this was no attempt."""

    pause: ClassVar[timedelta] = timedelta(seconds=1)


class WorkState(models.TextChoices):
    """The states of a work row; the arrows are in docs/work.md."""

    READY = "ready", _("waiting")
    LEASED = "leased", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class WorkRow(models.Model):
    """Columns and arrows shared by all work. Subclasses add what the work is about."""

    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.READY)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    last_error = models.TextField(blank=True)

    max_attempts: ClassVar[int] = 10
    ended_column: ClassVar[str] = ""  # gets the time when the row fails for good
    keeps_messages: ClassVar[bool] = True  # False keeps only an error's type: a message may quote a person's data

    class Meta:
        abstract = True

    @classmethod
    def due(cls, now: datetime) -> Q:
        """Return the condition for rows that may be claimed at `now`."""
        return Q(state=WorkState.READY, due_at__lte=now) | Q(state=WorkState.LEASED, lease_until__lt=now)

    @classmethod
    def claim(cls, now: datetime, *, limit: int = 1, only: Q | None = None, seconds: float | None = None) -> list[Any]:
        """Lease up to `limit` due rows in one statement and return them, oldest due first.

        Committed before it returns when called outside a transaction, as it must be. `seconds` is the lease's length.
        """
        lease = timedelta(seconds=settings.LEASE_SECONDS if seconds is None else seconds)
        chosen = cls._base_manager.filter(cls.due(now), only or Q()).order_by("due_at", "pk").values("pk")[:limit]
        sql, params = chosen.query.sql_with_params()
        table = connection.ops.quote_name(cls._meta.db_table)
        # An array is found once; a plain IN may be run for each row of the table, and then claims more than `limit`.
        claimed = cls._base_manager.raw(
            f"UPDATE {table} SET state = 'leased', lease_until = %s, fence = fence + 1, attempts = attempts + 1 "  # noqa: S608 - names come from the model
            f"WHERE id = ANY(ARRAY({sql} FOR UPDATE SKIP LOCKED)) RETURNING *",
            [now + lease, *params],
        )
        return sorted(claimed, key=lambda row: (row.due_at, row.pk))

    @classmethod
    def do_next(
        cls,
        clock: Callable[[], datetime],
        work: Callable[[Self], None],
        *,
        only: Q | None = None,
        refused: tuple[type[Exception], ...] = (),
    ) -> bool:
        """Claim one due row and let `work` do it, finish or give it back; return whether there was one.

        NotYet gives it back for a moment, an error of `refused` sets it aside with its text, any other tries it again.
        """
        claimed = cls.claim(clock(), only=only)
        if not claimed:
            return False
        (row,) = claimed
        try:
            work(row)
        except LostLease as lost:
            log.info("%s: taken over, changed or stopped", lost)
        except NotYet as early:
            log.info("%s %s waits: %s", cls._meta.label, row.pk, early)
            row.come_again(early, clock())
        except refused as error:
            row.set_aside(str(error), clock())
        except Exception as error:
            log.exception("%s %s", cls._meta.label, row.pk)
            row.try_again(error, clock())
        return True

    def renew(self, now: datetime, seconds: float | None = None, **fields: Any) -> None:
        """Prolong the lease from `now`, writing `fields` with it, as progress.

        Raises LostLease when another holds the row or it was cancelled: inside a transaction nothing of it stays.
        """
        lease = timedelta(seconds=settings.LEASE_SECONDS if seconds is None else seconds)
        self._write(lease_until=now + lease, **fields)

    def finish(self, **fields: Any) -> None:
        """Mark the work done, writing `fields` with it. Raises LostLease."""
        self._write(state=WorkState.DONE, lease_until=None, last_error="", **fields)

    def retry(self, due_at: datetime, error: str = "", **fields: Any) -> None:
        """Give the row back to be claimed again at `due_at`. Raises LostLease."""
        self._write(state=WorkState.READY, due_at=due_at, lease_until=None, last_error=error[:2000], **fields)

    def fail(self, error: str, **fields: Any) -> None:
        """Set the row aside for a person, with the reason. Raises LostLease."""
        self._write(state=WorkState.FAILED, lease_until=None, last_error=error[:2000], **fields)

    def try_again(self, reason: Exception | str, now: datetime, **when_failed: Any) -> None:
        """Give the row back to be tried later, each time longer; after the last attempt fail, writing `when_failed`.

        Does nothing when the lease was lost meanwhile: the row is another's, or was cancelled.
        """
        text = reason if isinstance(reason, str) else self._told(reason)
        if self.attempts >= self.max_attempts:
            self.set_aside(text, now, **when_failed)
        else:
            with contextlib.suppress(LostLease):
                self.retry(now + backoff(self.attempts), text)

    def come_again(self, early: NotYet, now: datetime) -> None:
        """Give the row back for a moment; to wait is no attempt and no error. Does nothing when the lease was lost."""
        with contextlib.suppress(LostLease):
            self.retry(now + early.pause, attempts=0)

    def set_aside(self, text: str, now: datetime, **fields: Any) -> None:
        """Fail at `now`, writing `fields` with it. Does nothing when the lease was lost."""
        ended = {self.ended_column: now} if self.ended_column else {}
        with contextlib.suppress(LostLease):
            self.fail(text, **ended, **fields)

    def _told(self, error: Exception) -> str:
        return f"{type(error).__name__}: {error}" if self.keeps_messages else type(error).__name__

    def _write(self, **fields: Any) -> None:
        mine = type(self)._base_manager.filter(pk=self.pk, fence=self.fence, state=WorkState.LEASED)
        if not mine.update(**fields):
            raise LostLease(f"{self._meta.label} {self.pk}, fence {self.fence}")
        for name, value in fields.items():
            if not isinstance(value, F):
                setattr(self, name, value)


def backoff(attempts: int, *, base: float = 5.0, longest: float = 3600.0) -> timedelta:
    """Return the pause before attempt `attempts` + 1: doubling from `base` seconds up to `longest`."""
    return timedelta(seconds=min(longest, base * 2 ** max(0, attempts - 1)))


def due_count(models_: Iterable[type[WorkRow]], now: datetime) -> dict[str, int]:
    """Return how many rows of each model are due at `now`, keyed by model label; read by the health page."""
    return {model._meta.label: model._base_manager.filter(model.due(now)).count() for model in models_}
