"""Noting what came of a call: one tap, one event, and the lead leaves or stays on the list."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.leads.models import FollowUp, Outcome
from contacts.ledger.append import NewEvent, append
from crm.team.models import User


@transaction.atomic
def note_outcome(
    contact_id: int, outcome: str, *, due_on: date | None = None, by: User, now: datetime, token: UUID
) -> bool:
    """Record what came of a call as an event and as the person's follow-up; return False for a repeated post.

    `due_on` is needed for "later", in the future, and dropped otherwise. Raises Invalid; then nothing is written.
    """
    if outcome not in Outcome.values:
        raise Invalid({"outcome": _("Choose what came of it.")})
    if outcome == Outcome.LATER and (due_on is None or due_on <= timezone.localdate(now)):
        raise Invalid({"due_on": _("Choose a day after today.")})
    due_on = due_on if outcome == Outcome.LATER else None
    properties = {"outcome": outcome, "by": by.pk} | ({"due_on": due_on.isoformat()} if due_on else {})
    if not append(
        [NewEvent(contact_id, "call.logged", now, properties=properties, key=str(token))], source="call", now=now
    ):
        return False
    FollowUp.objects.update_or_create(
        contact_id=contact_id, defaults={"outcome": outcome, "at": now, "due_on": due_on, "by": by}
    )
    return True
