"""Doing the removal of the demo data in small transactions. Called by the worker; harmless to repeat at any point.

The marks go last: until then a killed worker's job finds what is left.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from contacts.people.models import Contact
from crm.runtime.demo.removal import objects, people
from crm.runtime.demo.removal.nouns import NOUNS
from crm.runtime.demo.removal.plan import Plan, has_own_admin, log_ins, plan
from crm.runtime.models import DemoRemoval
from crm.team import roster
from crm.team.models import DemoMark

PATIENCE = timedelta(minutes=10)  # after that nobody is waited for
type Clock = Callable[[], datetime]


def run_due(clock: Clock) -> bool:
    """Claim a removal that is due and work on it; return whether there was one."""
    return DemoRemoval.do_next(clock, lambda job: _remove(job, clock))


def _remove(job: DemoRemoval, clock: Clock) -> None:
    """Stop the demo's journeys, then take out people, objects and the rest. Raises NotYet, LostLease."""
    found = plan()
    job.renew(clock(), total=max(job.total, job.removed + len(found.people)), kept=_told(found))
    objects.halt(found.going["journeys"])
    objects.remove_mails(people.addresses(found.people))
    journeys, *others = NOUNS
    objects.remove(journeys, found.going[journeys.key], lambda: job.renew(clock()))  # else each end would be told
    _people(job, found, clock)
    for noun in others:
        objects.remove(noun, found.going[noun.key], lambda: job.renew(clock()))
    _people(job, found, clock)  # what a worker wrote meanwhile
    objects.remove_rest()
    _end(job, clock())


def _told(found: Plan) -> list[list[str]]:
    return [[kept.noun.key, kept.name, kept.why] for kept in found.kept]


def _people(job: DemoRemoval, found: Plan, clock: Clock) -> None:
    patient = clock() < job.requested_at + PATIENCE
    while ids := people.remaining(found.people):
        known = Contact.objects.filter(pk__in=ids).count()
        people.remove(ids, patient=patient, renew=lambda: job.renew(clock()))
        job.renew(clock(), removed=job.removed + known)


@transaction.atomic
def _end(job: DemoRemoval, now: datetime) -> None:
    """Lock the demo's log-ins, unless nobody else could come in as an admin by now, and forget the marks."""
    users = log_ins() if has_own_admin() else []
    for user in users:
        roster.lock_out(user, by=job.by, now=now)
    DemoMark.objects.all().delete()
    job.finish(finished_at=now, locked=len(users))
