"""The mails in doubt of all dispatches that wait for a person, and what she decides on many of them at once."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import BigIntegerField, F, Func, OuterRef, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from campaigns.mailers.protocol import UNCERTAIN
from campaigns.sending.doubts import count_as_sent, send_again
from campaigns.sending.models import Message
from campaigns.sending.states import RANKS
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.team.models import User

MOST = 1_000  # mails decided on at once
_KINDS = list(RANKS)
SETTLES = _KINDS[_KINDS.index(UNCERTAIN) + 1 :]
# Hardly any mail is ever in doubt: an index finds those, and what settled each is looked up one by one.
_HELD = """
SELECT m.id FROM (
    SELECT e.contact_id, e.subject_id, e.properties ->> 'message' AS message FROM event e
    WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = %s) AND e.properties ->> 'message' IS NOT NULL
) d JOIN campaigns_message m ON m.id = d.message::bigint
WHERE NOT EXISTS (SELECT FROM campaigns_retry r WHERE r.message_id = m.id)
  AND NOT EXISTS (
    SELECT FROM event f WHERE f.contact_id IN (d.contact_id, m.contact_id) AND f.subject_id = d.subject_id
      AND f.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s)) AND f.properties ->> 'message' = d.message)
"""


def in_doubt(user: User) -> QuerySet[Message]:
    """Return the mails in doubt of people whom `user` may see, each with `person_id`, `doubted_at` and `reason`."""
    held = Message.objects.filter(pk__in=RawSQL(_HELD, [UNCERTAIN, SETTLES]))  # noqa: S611 - constants
    root = Func(F("contact_id"), function="contact_root", output_field=BigIntegerField())
    number = Cast(OuterRef("pk"), TextField())
    of_mail = Event.objects.annotate(message=KT("properties__message")).filter(message=number)
    told = of_mail.filter(kind__key=UNCERTAIN, contact_id=OuterRef("person_id")).order_by("-occurred_at")
    return (
        held.annotate(person_id=root)
        .filter(person_id__in=Contact.objects.visible_to(user).values("pk"))
        .annotate(
            doubted_at=Subquery(told.values("occurred_at")[:1]),
            reason=Subquery(told.values(words=KT("properties__reason"))[:1]),
        )
    )


def decide(messages: QuerySet[Message], choice: str, *, by: User, now: datetime) -> int:
    """Send mails in doubt again ("again") or count them as sent ("sent"), at most MOST; return how many.

    A repeat finds none. Those of a cancelled dispatch are not sent again.
    """
    verb = {"again": send_again, "sent": count_as_sent}[choice]
    chosen: dict[int, set[int]] = {}
    for message, dispatch in messages.order_by("-pk").values_list("pk", "dispatch_id")[:MOST]:
        chosen.setdefault(dispatch, set()).add(message)
    return sum(verb(dispatch, by=by, now=now, only=only) for dispatch, only in sorted(chosen.items()))


def ticked(user: User, numbers: Collection[int]) -> QuerySet[Message]:
    """Return those of these messages that are in doubt and of people whom `user` may see."""
    return in_doubt(user).filter(pk__in=numbers)
