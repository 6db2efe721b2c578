"""The numbers of the lifecycle map: counted at once while people are few, else by a worker, so that no reader waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Self

from django.db import connection, transaction
from django.db.models import F, Q

from contacts.people.models import Contact
from crm.home import lifecycle, moves, passage
from crm.home.models import Tally
from crm.home.whose import whose
from crm.kit import wake as waking
from crm.team.models import User

TASK = "home.count"
SHAPE = 2  # of what is kept; raised with every change of Numbers
LARGE = 20_000  # people, by PostgreSQL's estimate; all three counts of fewer take some 50 ms
FRESH = timedelta(seconds=30)  # kept at least so long
_SHARE = 20  # a count that took 3 s is kept for 60 s: a worker spends a twentieth of its time on it
_FORGOTTEN = timedelta(hours=1)  # an open count that old was lost, and is asked for again
_ESTIMATE = "SELECT reltuples FROM pg_class WHERE oid = 'contacts_contact'::regclass"

type Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Numbers:
    """What home counts: rows of lifecycle.counts, moves.counted and passage.rows."""

    stages: list[lifecycle.StageCount]
    flows: list[moves.FlowCount]
    turnover: list[moves.Turnover]
    passages: list[passage.PassageCount]

    @classmethod
    def counted(cls, user: User, now: datetime) -> Self:
        """Count the people `user` may see."""
        people = Contact.objects.visible_to(user)
        flows, turnover = moves.counted(people, now)
        return cls(lifecycle.counts(people, now), flows, turnover, passage.rows(people, now))

    @classmethod
    def kept(cls, value: dict[str, Any]) -> Self:
        """Read what `keepable` gave."""
        return cls(
            [lifecycle.StageCount(*row) for row in value["stages"]],
            [moves.FlowCount(*row) for row in value["flows"]],
            [moves.Turnover(*row) for row in value["turnover"]],
            [passage.PassageCount(*row) for row in value["passages"]],
        )

    def keepable(self) -> dict[str, Any]:
        """Return it for a column of JSON."""
        return {
            "shape": SHAPE,
            "stages": self.stages,
            "flows": self.flows,
            "turnover": self.turnover,
            "passages": self.passages,
        }


@dataclass(frozen=True)
class Told:
    """The numbers, None while they were never counted; `counted_at` is None when that was just now.

    `is_awaited`: a worker was asked for newer ones.
    """

    numbers: Numbers | None
    counted_at: datetime | None = None
    is_awaited: bool = False


def numbers_for(user: User, now: datetime) -> Told:
    """Return the numbers about the people `user` may see; of many people those of the last count, asking for a new."""
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATE)
        if cursor.fetchone()[0] < LARGE:
            return Told(Numbers.counted(user, now))
    kept = Tally.objects.filter(key=whose(user)).first()
    awaited = _is_awaited(kept, now)
    if awaited and not _is_asked(kept, now):
        _ask(user, now)
    if kept is None or kept.value is None or not _is_readable(kept):
        return Told(None, is_awaited=True)
    return Told(Numbers.kept(kept.value), kept.counted_at, awaited)


def _is_readable(kept: Tally) -> bool:
    """Tell whether it holds numbers, and not those of an older version of this module."""
    return kept.value is not None and kept.value.get("shape") == SHAPE


def _is_awaited(kept: Tally | None, now: datetime) -> bool:
    if kept is None or kept.counted_at is None or not _is_readable(kept):
        return True
    return now - kept.counted_at > max(FRESH, timedelta(seconds=kept.seconds * _SHARE))


def _is_asked(kept: Tally | None, now: datetime) -> bool:
    """Tell whether a count was asked for and may still come."""
    if kept is None or now - kept.asked_at > _FORGOTTEN:
        return False
    return kept.counted_at is None or kept.asked_at > kept.counted_at


def _ask(user: User, now: datetime) -> None:
    asked = Tally(key=whose(user), asked_at=now, asked_by=user)
    Tally.objects.bulk_create(
        [asked], update_conflicts=True, unique_fields=["key"], update_fields=["asked_at", "asked_by"]
    )
    transaction.on_commit(wake)


def wake() -> None:
    """Wake a worker; while the broker is away the sweep does."""
    waking.wake(TASK)


def due() -> list[str]:
    """Return the keys of what was asked for and not counted since."""
    asked = Tally.objects.filter(Q(counted_at=None) | Q(asked_at__gt=F("counted_at")))
    return list(asked.order_by("asked_at").values_list("key", flat=True))


def count_due(clock: Clock) -> int:
    """Count all that is due and return how much was; two workers share it."""
    return sum(_count(key, clock()) for key in due())


def _count(key: str, now: datetime) -> bool:
    """Count one set of people. The transaction writes at its very end: a reader holds no follower back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"home.tally {key}"])
        kept = Tally.objects.select_related("asked_by").filter(key=key).first() if cursor.fetchone()[0] else None
        if kept is None:
            return False
        if whose(kept.asked_by) != key:  # she has another role by now
            kept.delete()
            return False
        began = monotonic()
        value = Numbers.counted(kept.asked_by, now).keepable()
        Tally.objects.filter(key=key).update(value=value, counted_at=now, seconds=monotonic() - began)
    return True
