"""Freezing an audience through the real path: reasons, twins, caps, ordinals by provider, chunks, ranges of 50,000.

Reference: the same rows by one INSERT … SELECT by hand into the same table with the same indexes, without any of that.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

from bench.harness import Bench, interleaved, timed
from bench.send import _CONSENT, _PEOPLE, _campaign, _chosen

if TYPE_CHECKING:
    from campaigns.sending.models import Dispatch

SIZES = {"people": (200_000, 1_000_000)}
_BY_HAND = """
INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
SELECT %s, c.id, 0, row_number() OVER (ORDER BY c.id), c.email, ''
FROM contacts_listmember l JOIN contacts_contact c ON c.id = l.contact_id
JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'
WHERE l.fixed_list_id = %s AND k.decision = 'granted'
"""
LONGEST = 1.0  # seconds a transaction may last


def run(bench: Bench) -> None:
    """Freeze and insert in turns; every round has a dispatch of its own and leaves no row behind."""
    from crm.kit.clock import now

    people = bench.size("people")
    longest: list[float] = []
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_PEOPLE, [people])
        database.execute(_CONSENT)
        chosen = _chosen(now())
        make = _campaign(chosen, conditional=False)
        found = interleaved(
            lambda: _frozen(bench, database, make, longest),
            lambda: _by_hand(bench, database, make, chosen["list"]),
        )
    bench.record(
        "launch",
        found.figure,
        "people/s",
        reference=found.reference,
        ratio=found.ratio,
        at_least=0.7,
        how=f"{people} people, INSERT … SELECT by hand with the same indexes, median of 3",
    )
    bench.record("launch longest", max(longest), "s", at_most=LONGEST, how="longest transaction of a freeze")


def _frozen(bench: Bench, database: psycopg.Connection, make: Callable, longest: list[float]) -> float:
    """Return the people a second of a freeze; add the seconds of each of its transactions to `longest`."""
    from campaigns.campaign import freeze, launch
    from crm.kit.clock import now

    dispatch = launch.launch(make().pk, by=None, now=now())
    stepped = freeze.step

    def timed_step(*arguments: object) -> tuple[bool, bool]:
        started = time.perf_counter()
        try:
            return stepped(*arguments)
        finally:
            longest.append(time.perf_counter() - started)

    freeze.step = timed_step
    try:
        took = timed(lambda: freeze.freeze(dispatch.pk, now))
    finally:
        freeze.step = stepped
    _check_frozen(bench, dispatch)
    _clear(database)
    return bench.size("people") / took


def _check_frozen(bench: Bench, dispatch: "Dispatch") -> None:
    """Find a message for everybody, and each in exactly one chunk."""
    from campaigns.sending.models import Chunk, Message

    people = bench.size("people")
    dispatch.refresh_from_db()
    chunks = Chunk.objects.filter(dispatch=dispatch).values_list("first", "last")
    covered = sum(last - first + 1 for first, last in chunks)
    found = Message.objects.filter(dispatch=dispatch, left_out="").count()
    bench.check((dispatch.size, found, covered) == (people,) * 3, f"{(dispatch.size, found, covered)} of {people}")


def _by_hand(bench: Bench, database: psycopg.Connection, make: Callable, fixed_list: int) -> float:
    """Return the people a second of one statement."""
    from campaigns.campaign import launch
    from campaigns.sending.models import Dispatch, Message
    from crm.kit.clock import now

    people = bench.size("people")
    dispatch = launch.launch(make().pk, by=None, now=now())
    took = timed(lambda: database.execute(_BY_HAND, [dispatch.pk, fixed_list]))
    found = Message.objects.filter(dispatch=dispatch).count()
    bench.check(found == people, f"{found} of {people} by hand")
    Dispatch.objects.filter(pk=dispatch.pk).update(state="cancelled")
    _clear(database)
    return people / took


def _clear(database: psycopg.Connection) -> None:
    """Empty what a round wrote, so that both sides of every round fill empty tables."""
    database.execute("TRUNCATE campaigns_message, campaigns_chunk, campaigns_retry")
