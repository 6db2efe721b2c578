"""Who of a slice may be mailed at this moment: consent, suppression, address, in the query that fetches merge values.

A withdrawal therefore counts one slice (at most a second) later, in the middle of a campaign.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from campaigns.rendering.compiled import Recipient
from campaigns.rendering.mails import DispatchMails
from campaigns.sending.models import LeftOut
from campaigns.templating.fields import SAID, columns
from contacts.consent.minors import UNGUARDED, turned_at
from crm.kit import recipients
from crm.kit.prepared import array

# The person is read through the redirects of merges. Each LEFT JOIN is by a unique key: one index probe a row.
# Nothing of the dispatch in the WHERE: before the first ANALYZE after a launch the planner takes "of this dispatch" for
# few rows and reads them all for every slice (measured at 20,000 messages: 115 µs a mail instead of 6).
_SLICE = """
SELECT m.id, m.contact_id, coalesce(c.email, ''), coalesce(c.language, ''), coalesce(c.time_zone, ''),
       coalesce(t.decision = 'granted', false),
       CASE WHEN c.email IS NULL THEN 'erased'
            WHEN {unlisted} THEN 'not_listed'
            WHEN s.id IS NOT NULL THEN 'suppressed'
            WHEN %(consent)s AND k.decision = 'withdrawn' THEN 'withdrawn'
            WHEN %(consent)s AND k.decision IS DISTINCT FROM 'granted' THEN 'no_consent'
            WHEN %(consent)s AND {unguarded} THEN 'no_guardian'
            {refused}
            ELSE '' END,
       coalesce(c.id, m.contact_id), m.ordinal
       {values}
FROM {source} m
LEFT JOIN contacts_contact b ON b.id = m.contact_id
LEFT JOIN contacts_contact c ON c.id = CASE WHEN b.merged_into_id IS NULL THEN b.id ELSE contact_root(b.id) END
LEFT JOIN contacts_suppression s ON s.email_key = c.email_key
LEFT JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'
LEFT JOIN contacts_consentstate t ON t.contact_id = c.id AND t.purpose = 'tracking' AND t.channel = 'email'
{joins}
{topics}
WHERE {which}
ORDER BY m.ordinal
"""
_JOINS = {
    "account": "LEFT JOIN contacts_account a ON a.id = c.account_id",
    "owner": "LEFT JOIN team_user o ON o.id = c.owner_id",
    "consent": SAID,
}
# A mail without a topic asks for none.
_REFUSED = "WHEN x.contact_id IS NOT NULL THEN 'topic'"
_TOPICS = "LEFT JOIN contacts_topicstate x ON x.contact_id = c.id AND x.topic_id = %(topic)s AND NOT x.wanted"
_FIXED = 9
_MESSAGES = "campaigns_message"
_NO_MESSAGE = "(SELECT 0::bigint AS id, %(contact)s::bigint AS contact_id, 0 AS ordinal, %(given)s::jsonb AS given)"


class Row(NamedTuple):
    """One message of a slice: whom it goes to, and why it must not go ("" when it may)."""

    recipient: Recipient
    left_out: str
    person_id: int
    ordinal: int

    @property
    def may_go(self) -> bool:
        """Tell whether nothing speaks against the mail."""
        return not self.left_out


def slice_by_id(mails: DispatchMails, message_ids: Sequence[int], now: datetime) -> list[Row]:
    """Return these messages as of `now`, in the order of their ordinals."""
    return _slice(mails, now, "m.id = ANY(%(ids)s::bigint[])", ids=array(message_ids))


def row_of(mails: DispatchMails, contact_id: int, now: datetime, *, given: Mapping[str, Any] | None = None) -> Row:
    """Return one person as if a message to her existed, with what is `given` to it: for samples before a launch."""
    written = json.dumps(given) if given else None
    return _slice(mails, now, "true", source=_NO_MESSAGE, contact=contact_id, given=written)[0]


def _slice(mails: DispatchMails, now: datetime, which: str, source: str = _MESSAGES, **params: Any) -> list[Row]:
    groups = {field.group for field in mails.fields}
    values = f", {columns(mails.fields)}" if mails.fields else ""
    topic = mails.dispatch.topic_id
    sql = _SLICE.format(
        source=source,
        values=values,
        joins="\n".join(join for group, join in _JOINS.items() if group in groups),
        which=which,
        unguarded=UNGUARDED,
        unlisted=recipients.condition("c.email"),
        refused=_REFUSED if topic else "",
        topics=_TOPICS if topic else "",
    )
    params |= {
        "topic": topic,
        "consent": mails.origin.advertising,
        "fourteen": turned_at(now),
        **recipients.parameters(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_row(mails, raw) for raw in cursor.fetchall()]


def _row(mails: DispatchMails, raw: Sequence[Any]) -> Row:
    message, contact, email, language, zone, tracked, left_out, person, ordinal = raw[:_FIXED]
    values = mails.read_values(raw[_FIXED:])
    recipient = Recipient(message, contact, email, language, zone, tracked, values)
    return Row(recipient, LeftOut(left_out) if left_out else "", person, ordinal)
