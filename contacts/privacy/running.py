"""Doing an erasure: some people at a time, entry by entry, each in small transactions. Called by the worker.

Everything may be repeated: a killed worker's range is begun anew, and what was erased is not found again. The record
of the person goes last, together with the note that she is done. While an act on many names more people the job waits.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from contacts.acts.models import BulkAct
from contacts.privacy.handlers import PersonalData, in_order
from contacts.privacy.models import ErasedPerson, Erasure
from contacts.privacy.people import People
from crm.kit.pace import Pace
from crm.kit.work import WorkState

AT_ONCE = 100  # people whose rows are looked for together
PATIENCE = timedelta(minutes=10)  # after that nobody is waited for
_A_WHILE = timedelta(minutes=1)  # whoever names more people makes the job due earlier
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


def run_due(clock: Clock, *, only: int | None = None) -> bool:
    """Claim one erasure that is due (of this number) and work on it; return whether there was one."""
    return Erasure.do_next(clock, lambda job: _run(job, clock), only=None if only is None else Q(pk=only))


def _run(job: Erasure, clock: Clock) -> None:
    while _range(job, clock):
        pass


def _range(job: Erasure, clock: Clock) -> bool:
    """Erase the next people and return whether there are more."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [job.pk, AT_ONCE])
        ids = [number for (number,) in cursor.fetchall()]
    if not ids:
        return _more_came(job, clock())
    people = People.of(ids)
    _everything(people, job, clock)
    return True


@transaction.atomic
def _more_came(job: Erasure, now: datetime) -> bool:
    """Return whether people were named meanwhile; else finish, or give the job back while an act names more."""
    Erasure.objects.select_for_update().get(pk=job.pk)  # as who names people holds it
    if still_open(job.pk):
        return True
    if BulkAct.objects.filter(params__erasure=job.pk, state__in=(WorkState.READY, WorkState.LEASED)).exists():
        job.retry(now + _A_WHILE, attempts=0)
    else:
        job.finish(finished_at=now)
    return False


def still_open(number: int) -> int:
    """Return how many records of an erasure are not erased yet."""
    return ErasedPerson.objects.filter(erasure=number, done_at=None).count()


def _everything(people: People, job: Erasure, clock: Clock) -> None:
    """Erase all that is held of `people`. Raises NotYet, unless it was waited for long enough; LostLease."""
    meant = people.waiting(clock() < (job.added_at or job.requested_at) + PATIENCE)
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
