"""The results of a campaign as a file: a row for each mail, and for whoever was left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.sending.models import Dispatch, Message
from campaigns.sending.states import message_state
from contacts.exports.kind import Asked, Cell, ExportColumn, ExportKind
from contacts.people.filters import BadFilter
from contacts.people.models import Contact
from crm.team.permissions import Action

_AT_ONCE = 1_000
# What came of the mails of one dispatch, for some of its people: the first time of each kind of event.
_CAME = """
SELECT e.contact_id, k.key, min(e.occurred_at) FROM event e JOIN ledger_kind k ON k.id = e.kind_id
WHERE e.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s) AND e.contact_id = ANY(%s)
  AND k.key LIKE 'mail.%%'
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Row:
    """One mail, or one person left out: whose, and when each kind of event first came."""

    message: Message
    person: Contact
    came: Mapping[str, datetime]

    @property
    def state(self) -> str:
        """What became of it, in words."""
        if self.message.left_out:
            return str(self.message.get_left_out_display())
        return message_state(self.came).label


def _messages(asked: Asked) -> QuerySet[Message]:
    raw = asked.query.get("campaign", "")
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 19):
        raise BadFilter("campaign", raw)
    seen = Contact.objects.visible_to(asked.user).values("pk")
    dispatches = Dispatch.objects.filter(campaign=int(raw))
    return Message.objects.filter(dispatch__in=dispatches, contact_id__in=seen)


def _rows(asked: Asked) -> Iterator[Row]:
    ordered = _messages(asked).order_by("dispatch", "pk")
    for some in batched(ordered.iterator(chunk_size=_AT_ONCE), _AT_ONCE, strict=False):
        people = Contact.objects.in_bulk({message.contact_id for message in some})
        came = {
            dispatch: _came(dispatch, [each.contact_id for each in some if each.dispatch_id == dispatch])
            for dispatch in {message.dispatch_id for message in some}
        }
        for message in some:
            found = came[message.dispatch_id].get(message.contact_id, {})
            yield Row(message, people[message.contact_id], found)


def _came(dispatch_id: int, contacts: Sequence[int]) -> dict[int, dict[str, datetime]]:
    found: dict[int, dict[str, datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CAME, [str(dispatch_id), list(contacts)])
        for contact_id, kind, at in cursor.fetchall():
            found.setdefault(contact_id, {})[kind] = at
    return found


def _first(kind: str) -> ExportColumn:
    labels = {
        "mail.sent": _("Sent"),
        "mail.opened": _("Opened"),
        "mail.clicked": _("Clicked"),
        "mail.unsubscribed": _("Unsubscribed"),
    }

    def cell(row: Row) -> Cell:
        return row.came.get(kind)

    return ExportColumn(labels[kind], cell)


_COLUMNS = {
    "person": ExportColumn(_("Person"), lambda row: row.person.display_name),
    "email": ExportColumn(_("E-mail"), lambda row: row.message.email or row.person.email),
    "state": ExportColumn(_("State"), lambda row: row.state),
    "sent": _first("mail.sent"),
    "opened": _first("mail.opened"),
    "clicked": _first("mail.clicked"),
    "unsubscribed": _first("mail.unsubscribed"),
}
CAMPAIGN = ExportKind(
    "campaign", _("Results of a campaign"), _("campaign-%(day)s"), Action.CAMPAIGN_VIEW, lambda: _COLUMNS,
    lambda _query: list(_COLUMNS), lambda asked: _messages(asked).count(), _rows, "campaigns:campaigns",
)  # fmt: skip
