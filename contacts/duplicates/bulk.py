"""Merging all pairs of one choice, and undoing it: a job that goes pair by pair, each in a transaction of its own.

What the job did stands in Merge.bulk; a pair that cannot be merged is skipped and counted, and stays to be decided.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from contacts.duplicates.models import BulkStep, DuplicateMerge, DuplicatePair
from contacts.duplicates.queries import Choice, open_pairs, stays_and_goes, with_people
from contacts.errors import ContactsError
from contacts.identity.merge import WrongMerge, merge, unmerge
from contacts.identity.models import Merge
from crm.kit.work import WorkState
from crm.team.models import User
from crm.team.permissions import Action, may

LIMIT = 10_000  # pairs in one job

type Clock = Callable[[], datetime]


class NotNow(ContactsError):
    """The job cannot be started, stopped or undone as it stands; nothing was changed."""


def start(choice: Choice, *, by: User, now: datetime) -> DuplicateMerge:
    """Have all pairs of `choice` merged that are open now. Raises NotNow for none, or more than LIMIT."""
    pairs = open_pairs(by).filter(choice.condition)
    found = pairs.aggregate(last=Max("pk"))["last"]
    total = pairs.count()
    if not total or total > LIMIT:
        raise NotNow(_("Between 1 and %(limit)d pairs can be merged at once.") % {"limit": LIMIT})
    return DuplicateMerge.objects.create(
        reason=choice.reason,
        least=choice.least,
        agreeing=choice.agreeing,
        upto=found,
        total=total,
        created_by=by,
        created_at=now,
        due_at=now,
    )


def cancel(job: DuplicateMerge, *, now: datetime) -> None:
    """Stop merging; what was merged stays and can be undone. Raises NotNow when it has ended."""
    working = DuplicateMerge.objects.filter(pk=job.pk, step=BulkStep.MERGING, finished_at=None)
    if not working.update(state=WorkState.CANCELLED, step=BulkStep.MERGED, lease_until=None, finished_at=now):
        raise NotNow(_("This job has ended already."))


def undo(job: DuplicateMerge, *, now: datetime) -> None:
    """Have all merges of the job undone, the last one first. Raises NotNow unless it has ended."""
    ended = DuplicateMerge.objects.filter(pk=job.pk, step=BulkStep.MERGED)
    fields = {"step": BulkStep.UNDOING, "state": WorkState.READY, "due_at": now, "attempts": 0, "finished_at": None}
    if not ended.update(**fields, position=0, undone=0):
        raise NotNow(_("This job is running, or was undone before."))


def run_due(clock: Clock, *, seconds: float = 20.0) -> bool:
    """Claim a job that is due and work on it for about `seconds`; return whether there was one."""
    return DuplicateMerge.do_next(clock, lambda job: _run(job, clock, seconds))


def _run(job: DuplicateMerge, clock: Clock, seconds: float) -> None:
    until = clock() + timedelta(seconds=seconds)
    work, ended = (merge_next, BulkStep.MERGED) if job.step == BulkStep.MERGING else (_undo_next, BulkStep.UNDONE)
    while work(job, clock):
        if clock() >= until:
            job.retry(clock(), attempts=0)
            return
    job.finish(step=ended, finished_at=clock())


def merge_next(job: DuplicateMerge, clock: Clock) -> bool:
    """Merge the next pair of the job, in one transaction; return False when there is none. Raises LostLease."""
    by = job.created_by
    if by is None or not may(by, Action.CONTACT_MERGE_MANY):
        return False
    choice = Choice(job.reason, job.least, job.agreeing)
    ahead = open_pairs(by).filter(choice.condition, pk__gt=job.position, pk__lte=job.upto)
    pair = with_people(ahead).order_by("pk").first()
    if pair is None:
        return False
    with transaction.atomic():
        done = _merge(pair, job, by, clock())
        counted: dict[str, Any] = {"merged": F("merged") + 1} if done else {"skipped": F("skipped") + 1}
        job.renew(clock(), position=pair.pk, **counted)
    return True


def _merge(pair: DuplicatePair, job: DuplicateMerge, by: User, now: datetime) -> bool:
    stays, goes = stays_and_goes(pair.first, pair.second)
    try:
        with transaction.atomic():
            merge(stays.pk, goes.pk, by=by, now=now, strict=True, bulk_id=job.pk)
    except WrongMerge:
        return False
    return True


def _undo_next(job: DuplicateMerge, clock: Clock) -> bool:
    """Undo the newest merge of the job that still holds; return False when there is none."""
    left = Merge.objects.filter(bulk=job, undone_at=None)
    if job.position:
        left = left.filter(pk__lt=job.position)
    record = left.order_by("-pk").first()
    if record is None:
        return False
    with transaction.atomic():
        try:
            with transaction.atomic():
                unmerge(record, now=clock())
            undone = 1
        except WrongMerge:
            undone = 0
        job.renew(clock(), position=record.pk, undone=F("undone") + undone)
    return True
