"""Taking the demo's people out: as an erasure does it, but without a trace in the numbers and without an exclusion."""

from collections.abc import Callable, Collection
from dataclasses import replace

from django.db import connection, transaction

from contacts.people.models import Contact
from contacts.privacy.handlers import Erase, in_order, running
from contacts.privacy.people import People
from crm.kit.pace import Pace

AT_ONCE = 200  # people whose rows are looked for together
# Theirs and the demo's own: an order is nobody's when its person was erased before.
_ORDERS = "SELECT id, key FROM contacts_order WHERE contact_id = ANY(%(ids)s) ORDER BY id LIMIT %(limit)s FOR UPDATE"
_NO_ORDERS = f"""
WITH these AS ({_ORDERS}),
lines AS (DELETE FROM contacts_orderline l USING these o WHERE l.order_id = o.id),
refunds AS (DELETE FROM contacts_orderrefund r USING these o WHERE r.order_id = o.id),
keys AS (
    DELETE FROM event_key k USING these o WHERE k.source IN ('order.placed', 'order.refunded', 'order.cancelled')
    AND k.key >= o.key AND k.key < o.key || ';' AND (k.key = o.key OR k.key LIKE o.key || ':%%')
)
DELETE FROM contacts_order o USING these WHERE o.id = these.id
"""  # noqa: S608 - constants
_NO_EXCLUSION = """
DELETE FROM contacts_suppression WHERE email_key = ANY(ARRAY(
    SELECT email_key FROM contacts_contact WHERE id = ANY(%(ids)s) AND email_key <> '' LIMIT %(limit)s))
"""
_THERE = """
SELECT d.id FROM unnest(%s::bigint[]) AS d(id)
WHERE EXISTS (SELECT FROM contacts_contact c WHERE c.id = d.id)
   OR EXISTS (SELECT FROM event e WHERE e.contact_id = d.id)
ORDER BY d.id LIMIT %s
"""
type Renew = Callable[[], None]


def remaining(ids: Collection[int]) -> list[int]:
    """Return the next of these people of whom something is there: the record, or an event that came in late."""
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [list(ids), AT_ONCE])
        return [number for (number,) in cursor.fetchall()]


def addresses(ids: Collection[int]) -> list[str]:
    """Return the mail addresses of these people."""
    found = Contact.objects.filter(pk__in=ids).exclude(email=None).values_list("email", flat=True)
    return [email for email in found if email]


def remove(ids: Collection[int], *, patient: bool, renew: Renew) -> None:
    """Take these people out, in small transactions; `renew` is called in each. Harmless to repeat. Raises NotYet.

    Texts are searched for their addresses and phone numbers, which nobody has; names of the demo real people may bear.
    """
    people = replace(People.of(ids), names=(), patient=patient, counted=False)
    erasers = [running(_NO_ORDERS), *(entry.erase for entry in in_order())]
    for _again in range(2):  # once more for what was written meanwhile, such as by a refresh of segments
        running(_NO_EXCLUSION)(people, AT_ONCE)
        for erase in erasers:
            _wholly(erase, people, renew)


def _wholly(erase: Erase, people: People, renew: Renew) -> None:
    pace = Pace(500, least=50, most=5_000, seconds=0.2)
    changed = 1
    while changed:
        with pace.timed() as limit, transaction.atomic():
            changed = erase(people, limit)
            renew()
