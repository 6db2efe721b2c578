"""After a kill: what the dead worker's journal tells is written down, and what nobody knows is marked uncertain.

See docs/sending.md, "What a kill leaves behind".
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from campaigns.mailers.choice import widest
from campaigns.mailers.journal import Entry, dead_journal, is_alive, path_of, paths
from campaigns.mailers.protocol import UNCERTAIN
from campaigns.sending.models import Chunk, Dispatch, Doubt, Retry
from campaigns.sending.record import OF_CONTACTS, Result, record, record_missing, subject_of
from campaigns.sending.states import FINAL, RANKS, RELEASED
from contacts.ledger.dictionary import kind_ids

OUTCOMES_A_WRITE = 50  # outcomes held back before they are written: the window a kill without a journal leaves
_PATIENCE = 8  # claims that wait for a living holder to write down what it knows; then it counts as standing still
OURS = (*RANKS, RELEASED)
_TOUCHED = f"""
SELECT (properties ->> 'message')::bigint, (SELECT key FROM ledger_kind k WHERE k.id = kind_id) FROM event
WHERE subject_id = %s AND kind_id = ANY(%s) AND occurred_at >= %s {OF_CONTACTS}
"""  # noqa: S608 - a constant


def replay_journals(directory: Path, now: datetime) -> int:
    """Write down what the journals of dead workers tell, delete them, and return how many there were."""
    return sum(_replay(path, now) for path in paths(directory))


def _replay(path: Path, now: datetime) -> bool:
    with dead_journal(path) as entries:
        if entries is None:
            return False
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
            _write(entries, now)
            for model in (Chunk, Retry):
                model._base_manager.filter(holder=path.stem).update(holder="")
        path.unlink()
        return True


def _write(entries: Sequence[Entry], now: datetime) -> None:
    by_dispatch: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_dispatch[entry.dispatch_id].append(entry)
    for dispatch in Dispatch.objects.filter(pk__in=by_dispatch).order_by("pk"):
        record_missing(dispatch, [_result(entry) for entry in by_dispatch[dispatch.pk]], now)


def _result(entry: Entry) -> Result:
    return Result(
        entry.message_id,
        entry.contact_id,
        entry.kind or UNCERTAIN,
        entry.handover,
        entry.tries,
        entry.code,
        entry.reason,
    )


def recover(
    dispatch: Dispatch,
    holder: str,
    messages: Sequence[tuple[int, int]],
    directory: Path,
    now: datetime,
    *,
    claims: int = 0,
) -> bool:
    """Write down what can be known of (message, contact), in hand-over order, after their holder was lost.

    False when the holder lives on this machine and will write it down itself: give the messages back for a while.
    Where its journal cannot be read (another machine, or a worker that stands still), the first messages without an
    outcome may have left and are marked uncertain: no more can have, since outcomes are written in small batches.
    """
    replay_journals(directory, now)
    if not holder or _journal_was_read(holder, directory, now):
        return True
    if claims < _PATIENCE and is_alive(path_of(directory, holder)):
        return False
    touched = look_up(dispatch, messages)
    tail = [pair for pair in messages if pair[0] not in touched][: OUTCOMES_A_WRITE + widest(dispatch.mailer)]
    record(dispatch, [Result(message, contact, UNCERTAIN) for message, contact in tail], now)
    return True


def let_go(holder: str) -> None:
    """Take a living worker's name off all work it no longer does: what it knew is written down."""
    for model in (Chunk, Retry):
        model._base_manager.filter(holder=holder).update(holder="")


def _journal_was_read(holder: str, directory: Path, now: datetime) -> bool:
    """Tell whether the journal is dealt with; while another worker reads it, wait for that."""
    deadline = time.monotonic() + settings.LEASE_SECONDS / 4
    while _still_named(holder):
        if not path_of(directory, holder).exists() or time.monotonic() > deadline:
            return not _still_named(holder)
        replay_journals(directory, now)
        time.sleep(0.05)
    return True


def _still_named(holder: str) -> bool:
    """Tell whether any work still names this holder: whoever reads a journal takes its name off all work."""
    return any(model._base_manager.filter(holder=holder).exists() for model in (Chunk, Retry))


def look_up(dispatch: Dispatch, messages: Sequence[tuple[int, int]]) -> dict[int, Counter[str]]:
    """Return the kinds of what the ledger holds of (message, contact), by message id; only those with any."""
    contacts = [contact for _, contact in messages]
    numbers = kind_ids(OURS)
    since = dispatch.created_at - timedelta(days=1)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [subject_of(dispatch), list(numbers.values()), since, contacts, contacts])
        for message, kind in cursor.fetchall():
            found[message][kind] += 1
    return dict(found)


def is_over(dispatch: Dispatch, kinds: Counter[str]) -> bool:
    """Tell whether a message with these events must not be handed over again."""
    most = (1 if dispatch.doubt == Doubt.HOLD else 2) + kinds[RELEASED]
    return not FINAL.isdisjoint(kinds) or kinds[UNCERTAIN] >= most
