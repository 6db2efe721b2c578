"""Doing an erasure: some people at a time, entry by entry, each in small transactions. Called by the worker.

Everything may be repeated: a killed worker's range is begun anew, and what was erased is not found again. The record
of the person goes last, together with the note that she is done.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from contacts.privacy.handlers import PersonalData, in_order
from contacts.privacy.models import Erasure
from contacts.privacy.people import People
from crm.kit.pace import Pace

AT_ONCE = 100  # people whose rows are looked for together
PATIENCE = timedelta(minutes=10)  # after that nobody is waited for
_NEXT = """
SELECT contact_id FROM contacts_erasedperson WHERE erasure_id = %s AND done_at IS NULL ORDER BY contact_id LIMIT %s
"""
_LATE = """
SELECT p.contact_id FROM contacts_erasedperson p WHERE p.done_at IS NOT NULL
AND EXISTS (SELECT FROM event e WHERE e.contact_id = p.contact_id) ORDER BY p.contact_id LIMIT %s
"""
_DONE = """
INSERT INTO contacts_erasedperson AS p (contact_id, erasure_id, done_at) SELECT unnest(%s::bigint[]), %s, %s
ON CONFLICT (contact_id) DO UPDATE SET done_at = excluded.done_at WHERE p.done_at IS NULL
"""
type Clock = Callable[[], datetime]


def run_due(clock: Clock) -> bool:
    """Claim one erasure that is due and work on it; return whether there was one."""
    return Erasure.do_next(clock, lambda job: _run(job, clock))


def _run(job: Erasure, clock: Clock) -> None:
    while _range(job, clock):
        pass


def _range(job: Erasure, clock: Clock) -> bool:
    """Erase the next people and return whether there are more."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [job.pk, AT_ONCE])
        ids = [number for (number,) in cursor.fetchall()]
    if not ids:
        job.finish(finished_at=clock())
        return False
    people = People.of(ids)
    _everything(people, job, clock)
    return True


def _everything(people: People, job: Erasure, clock: Clock) -> None:
    """Erase all that is held of `people`. Raises NotYet, unless it was waited for long enough; LostLease."""
    meant = people.waiting(clock() < job.requested_at + PATIENCE)
    for _again in range(2):  # once more for what was written meanwhile, such as by a refresh of segments
        for entry in in_order():
            _entry(entry, meant, job, clock)
    with transaction.atomic():
        _note(people, job, clock())


def _entry(entry: PersonalData, people: People, job: Erasure, clock: Clock) -> None:
    pace = Pace(500, least=50, most=5_000, seconds=0.2)
    changed = 1
    while changed:
        with pace.timed() as limit, transaction.atomic():
            changed = entry.erase(people, limit)
            job.renew(clock(), counts=_counted(job, entry.key, changed))


def _note(people: People, job: Erasure, now: datetime) -> None:
    """Note that these records are done, also such as went up in them after the request."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [people.array, job.pk, now])
        job.renew(now, erased=job.erased + cursor.rowcount)


def _counted(job: Erasure, key: str, changed: int) -> dict[str, int]:
    return dict(Counter(job.counts) + Counter({key: changed}))


def sweep_late() -> int:
    """Erase what came in for erased people afterwards (a click in an old mail); return how many records had some."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [1_000])
        late = [number for (number,) in cursor.fetchall()]
    people = People(tuple(late), patient=False)
    for entry in in_order() if late else []:
        changed = 1
        while changed:
            with transaction.atomic():
                changed = entry.erase(people, 1_000)
    return len(late)
