"""What happens to a colleague's people when she leaves: they are given to another owner, as a job with undo."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from contacts.acts import jobs
from contacts.acts.models import BulkAct
from contacts.people.models import Account, Contact
from contacts.people.selection import Selection
from crm.team import roster
from crm.team.models import User
from crm.team.trail.acting import in_one_entry
from crm.team.trail.record import record

RANGE = 2_000  # accounts in a transaction


@dataclass(frozen=True)
class Held:
    """How much a user owns."""

    people: int
    accounts: int


def held(user: User) -> Held:
    """Return how many people and accounts she owns."""
    return Held(Contact.objects.live().filter(owner=user).count(), Account.objects.filter(owner=user).count())


def hand_over(user: User, to: User | None, *, lock_out: bool, by: User, now: datetime) -> BulkAct | None:
    """Give everything `user` owns to `to` (None: to nobody), and with `lock_out` let her log in no more.

    Accounts are given in ranges at once; people by the job that is returned (None when there are none). A repeat is
    harmless. Raises roster.LastAdmin, and changes nothing then.
    """
    owned = held(user)
    with transaction.atomic():
        if lock_out:
            roster.lock_out(user, by=by, now=now)
        to_whom = {"to": to.name if to else "–", "people": owned.people, "accounts": owned.accounts}
        record("user", user.pk, "handed_over", now=now, label=str(user), by=by, after=to_whom)
    while _some_accounts(user, to, now):
        pass
    if not owned.people:
        return None
    return jobs.start("owner", Selection(query=f"owner={user.pk}"), {"owner": to.pk if to else None}, by=by, now=now)


@transaction.atomic
def _some_accounts(user: User, to: User | None, now: datetime) -> int:
    ids = list(Account.objects.filter(owner=user).order_by("pk").values_list("pk", flat=True)[:RANGE])
    with in_one_entry():
        return Account.objects.filter(pk__in=ids).update(owner=to, updated_at=now, version=F("version") + 1)
