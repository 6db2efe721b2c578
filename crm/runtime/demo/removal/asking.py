"""Asking for the demo data to be removed. Called by its page."""

from datetime import datetime

from django.db import IntegrityError, transaction

from crm.kit.wake import wake_once_committed
from crm.runtime.demo.removal import plan
from crm.runtime.models import DemoRemoval
from crm.team import demo
from crm.team.models import User
from crm.team.permissions import Action, require
from crm.team.trail.record import record

TASK = "demo.remove"


class NothingToRemove(Exception):
    """There is no demo data here."""


class NoOwnAdmin(Exception):
    """Nobody but the demo's admin could come in afterwards; nothing was changed."""


def latest() -> DemoRemoval | None:
    """Return the removal that runs, or the last one."""
    return DemoRemoval.objects.order_by("-pk").first()


@transaction.atomic
def request(*, by: User, now: datetime) -> DemoRemoval:
    """Have the demo data removed and return the job; one that is on its way is returned.

    Raises NothingToRemove, NoOwnAdmin and PermissionDenied; then nothing was changed.
    """
    require(by, Action.SETTINGS_EDIT)
    if not demo.is_there():
        raise NothingToRemove
    if not plan.has_own_admin():
        raise NoOwnAdmin
    try:
        with transaction.atomic():
            job = DemoRemoval.objects.create(by=by, requested_at=now, due_at=now)
    except IntegrityError:
        return DemoRemoval.objects.get(finished_at=None, state__in=["ready", "leased"])
    record("company", None, "demo_removed", now=now, by=by)
    wake_once_committed(TASK)
    return job
