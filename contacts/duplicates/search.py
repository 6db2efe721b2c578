"""Searching for duplicates: started by a person or every night, worked on range by range.

Each range is one short transaction that ends with the search's progress under its fencing number: after a kill the
next worker goes on behind it.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max

from contacts.duplicates import statements
from contacts.duplicates.models import WORKING, DuplicateSearch, SearchStep
from contacts.duplicates.rules import REASONS
from contacts.people.address import TYPOS
from contacts.people.models import Contact
from crm.team.models import User

RANGE = 1_000  # people in one transaction: at most 5,000 pairs, 0.05-0.4 s on two busy cores (bench/duplicates.py)
NEAREST = 5  # others that a person meets under one key

type Clock = Callable[[], datetime]


def start(by: User | None, *, now: datetime) -> DuplicateSearch:
    """Return the search that is going on, or a new one for all people there are now."""
    upto = Contact.objects.aggregate(last=Max("pk"))["last"] or 0
    with contextlib.suppress(IntegrityError), transaction.atomic():
        return DuplicateSearch.objects.create(created_by=by, created_at=now, due_at=now, upto=upto)
    return DuplicateSearch.objects.get(state__in=WORKING)


def latest() -> DuplicateSearch | None:
    """Return the newest search, or None when there was none."""
    return DuplicateSearch.objects.order_by("-pk").first()


def run_due(clock: Clock, *, seconds: float = 20.0) -> bool:
    """Claim a search that is due and work on it for about `seconds`; return whether there was one."""
    return DuplicateSearch.do_next(clock, lambda search: _run(search, clock, seconds))


def _run(search: DuplicateSearch, clock: Clock, seconds: float) -> None:
    until = clock() + timedelta(seconds=seconds)
    while search.step != SearchStep.FINISHED:
        if clock() >= until:
            search.retry(clock(), attempts=0)
            return
        do_range(search, clock)
    search.finish(finished_at=clock())


def do_range(search: DuplicateSearch, clock: Clock) -> None:
    """Do the next range of the running step in one transaction, or go on to the next step. Raises LostLease."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements.RANGE_END, [search.position, search.upto, RANGE])
        (end,) = cursor.fetchone()
        if end is None:
            following = SearchStep.PAIRS if search.step == SearchStep.KEYS else SearchStep.FINISHED
            search.renew(clock(), step=following, position=0)
        else:
            found = _STEPS[SearchStep(search.step)](search.position, end, clock())
            search.renew(clock(), position=end, found=F("found") + found)
    if end is None and search.step == SearchStep.PAIRS:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE contacts_duplicatekey")


def _keys(after: int, upto: int, _now: datetime) -> int:
    wrong, meant = list(TYPOS), list(TYPOS.values())
    with connection.cursor() as cursor:
        cursor.execute(statements.KEYS, {"after": after, "upto": upto, "wrong": wrong, "meant": meant})
    return 0


def _pairs(after: int, upto: int, now: datetime) -> int:
    bound: dict[str, Any] = {
        "after": after,
        "upto": upto,
        "now": now,
        "nearest": NEAREST,
        "wrong": list(TYPOS),
        "keys": list(REASONS),
        "chances": [row.chance for row in REASONS.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.PAIRS, bound)
        return int(cursor.fetchone()[0])


_STEPS = {SearchStep.KEYS: _keys, SearchStep.PAIRS: _pairs}
