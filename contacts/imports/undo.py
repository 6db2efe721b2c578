"""Undoing one range of an import, for some days. What changed since stays as it is, and is counted.

Nothing said about consent is deleted: what an import claimed is taken back by a new entry (see `consents`).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from contacts.consent.models import Suppression, SuppressionReason
from contacts.consent.record import record_set
from contacts.imports.models import ImportRange
from contacts.imports.records import activity
from contacts.ledger.append import NewEvent, append
from contacts.lists import membership
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.models import Contact
from contacts.privacy.handlers import in_order
from contacts.privacy.people import People

DAYS = 14
AT_ONCE = 250  # people removed in one transaction
_ROWS = 5_000  # rows of a table deleted by one call of its handler
_ACTIVITY = ["page.viewed", "product.viewed", "cart.updated", "form.submitted"]
_SALES = ["order.placed", "order.refunded", "order.cancelled"]  # of orders that are gone: who has one stays
# What happens to a person by herself or by the import: it does not make her somebody with a history.
_QUIET = [
    "contact.created", "contact.imported", "consent.granted", "consent.withdrawn", "list.joined", "tag.added",
    "address.excluded", *_ACTIVITY, *_SALES,
    "segment.entered", "segment.left", "stage.entered", "stage_rule.began", "stage_rule.ended",
]  # fmt: skip
_OWN = [
    "contact.imported", "consent.granted", "consent.withdrawn", "list.joined", "tag.added", "address.excluded",
    *_ACTIVITY,
]  # fmt: skip
_UNTOUCHED = """
SELECT c.id FROM contacts_contact c
WHERE c.id = ANY(%(made)s) AND c.version = 1 AND c.merged_into_id IS NULL AND c.owner_id IS NULL
  AND NOT EXISTS (SELECT FROM contacts_contact m WHERE m.merged_into_id = c.id)
  AND NOT EXISTS (SELECT FROM contacts_order o WHERE o.contact_id = c.id)
  AND NOT EXISTS (
    SELECT FROM event e JOIN ledger_kind k ON k.id = e.kind_id WHERE e.contact_id = c.id
    AND (NOT k.key = ANY(%(quiet)s) OR (k.key = ANY(%(own)s) AND e.recorded_at <> %(at)s))
  )
ORDER BY c.id FOR UPDATE OF c
"""
_BACK = {
    "birthday": "(b.was->'birthday'->>0)::date",
    "under_14": "(b.was->'under_14'->>0)::boolean",
    "account_id": "(b.was->'account_id'->>0)::bigint",
    "attributes": "b.was->'attributes'->0",
    "account_roles": "ARRAY(SELECT jsonb_array_elements_text(b.was->'account_roles'->0))",
}
_STILL = "b.was ? '{column}' AND to_jsonb(c.{column}) IS NOT DISTINCT FROM nullif(b.was->'{column}'->1, 'null')"
_REVERT = """
UPDATE contacts_contact c SET {sets}, updated_at = %s, version = c.version + 1
FROM (SELECT (was->>'id')::bigint AS id, was FROM jsonb_array_elements(%s::jsonb) AS w(was)) AS b
WHERE c.id = b.id AND ({any}) RETURNING c.id
"""
# What was said before the import, newest first; where nothing was, a yes is taken back by a no, and a no stays.
_CLAIMS = """
SELECT mine.contact_id, mine.purpose, mine.channel, coalesce(past.decision, 'withdrawn') AS decision,
       %s::timestamptz AS at, 'import undone' AS source, coalesce(past.basis, '') AS basis,
       coalesce(past.wording, '') AS wording, coalesce(past.wording_version, '') AS wording_version,
       '' AS ip_prefix, past.double_opt_in_at, %s::bigint AS recorded_by_id
FROM contacts_consentstate held JOIN contacts_consententry mine ON mine.id = held.entry_id
LEFT JOIN LATERAL (
    SELECT * FROM contacts_consententry e
    WHERE e.contact_id = mine.contact_id AND e.purpose = mine.purpose AND e.channel = mine.channel
      AND e.recorded_at < mine.recorded_at ORDER BY e.at DESC, e.decision DESC, e.id DESC LIMIT 1
) AS past ON true
WHERE held.contact_id = ANY(%s) AND mine.source = 'import' AND mine.recorded_at = %s
  AND coalesce(past.decision, 'withdrawn') <> held.decision
"""


@dataclass(frozen=True)
class Undone:
    """What was undone of a range, in numbers; `kept`: made by it, but somebody with a history since."""

    removed: int = 0
    kept: int = 0
    reverted: int = 0
    changed_since: int = 0
    memberships: int = 0
    consents: int = 0
    readmitted: int = 0
    records_removed: int = 0
    records_kept: int = 0
    records_reverted: int = 0
    records_changed_since: int = 0


def remove_made(row: ImportRange) -> tuple[Undone, bool]:
    """Remove some of the people whom the range made, in the caller's transaction; return (numbers, whether all).

    Who did something since, or was changed, stays. Raises crm.kit.work.NotYet while followers still read.
    """
    made, rest = row.made[:AT_ONCE], row.made[AT_ONCE:]
    found = _untouched(made, row.at)
    if found:
        _remove(found)
        activity.free(row.records.get("keys", []), set(found))
    row.known = row.known + sorted(set(made) - set(found))
    row.made = rest
    row.save(update_fields=["known", "made"])
    there = Contact.objects.filter(pk__in=set(made) - set(found)).count()
    return Undone(removed=len(found), kept=there), not rest


def _untouched(made: list[int], at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNTOUCHED, {"made": made, "quiet": _QUIET, "own": _OWN, "at": at})
        return [number for (number,) in cursor.fetchall()]


def _remove(ids: list[int]) -> None:
    """Delete all that is held of these people; their addresses may be imported again."""
    people = People.of(ids)
    for entry in in_order():
        if entry.columns:
            while entry.erase(people, _ROWS) >= _ROWS:
                pass


def undo(row: ImportRange, list_id: int | None, by_id: int | None, now: datetime) -> Undone:
    """Take back what the range did to people who stay, in the caller's transaction; `made` must be empty by now."""
    reverted = _revert(row, now)
    return Undone(
        reverted=reverted,
        changed_since=len(row.before) - reverted,
        memberships=_leave(row, list_id, now) + _untag(row, now),
        consents=_consents(row, by_id, now),
        readmitted=_readmit(row, now),
    )


def _revert(row: ImportRange, now: datetime) -> int:
    """Give changed fields their old values, unless they were changed since; return how many people got any back."""
    columns = sorted({column for was in row.before for column in was} - {"id"})
    if not columns:
        return 0
    still = {column: _STILL.format(column=column) for column in columns}
    sets = [
        f"{column} = CASE WHEN {still[column]} THEN {_BACK.get(column, f"b.was->'{column}'->>0")} "
        f"ELSE c.{column} END"
        for column in columns
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            _REVERT.format(sets=", ".join(sets), any=" OR ".join(f"({test})" for test in still.values())),
            [now, json.dumps(row.before)],
        )
        ids = [number for (number,) in cursor.fetchall()]
    facts = {"fields": ", ".join(columns)}
    append([NewEvent(number, "contact.updated", now, properties=facts) for number in ids], source="undo", now=now)
    return len(ids)


def _leave(row: ImportRange, list_id: int | None, now: datetime) -> int:
    fixed = FixedList.objects.filter(pk=list_id).first() if list_id and row.joined else None
    if fixed is None:
        return 0
    since = ListMember.objects.filter(fixed_list=fixed, contact__in=row.joined, at=row.at)
    return membership.remove(fixed, list(since.values_list("contact_id", flat=True)), by=None, now=now)


def _untag(row: ImportRange, now: datetime) -> int:
    people: dict[int, list[int]] = {}
    for tag, contact in row.worn:
        people.setdefault(tag, []).append(contact)
    gone = 0
    for tag in Tag.objects.filter(pk__in=people):
        since = ContactTag.objects.filter(tag=tag, contact__in=people[tag.pk], at=row.at)
        gone += membership.untag(tag, list(since.values_list("contact_id", flat=True)), by=None, now=now)
    return gone


def _consents(row: ImportRange, by_id: int | None, now: datetime) -> int:
    """Take back what the import claimed and what still holds: by what was said before, else a yes by a no."""
    return record_set(_CLAIMS, [now, by_id, row.known, row.at], now=now).entries


def _readmit(row: ImportRange, now: datetime) -> int:
    """Let mailboxes be sent to again that this import left out; who was erased since stays out."""
    mine = Suppression.objects.filter(email_key__in=row.excluded).exclude(reason=SuppressionReason.ERASED)
    keys = list(mine.values_list("email_key", flat=True))
    mine.delete()
    people = Contact.objects.live().filter(email_key__in=keys).order_by("pk").values_list("pk", flat=True)
    append([NewEvent(pk, "address.readmitted", now) for pk in people], source="undo", now=now)
    return len(keys)


def forget(now: datetime) -> int:
    """Delete what undo needs of imports older than DAYS, and return how many ranges."""
    gone, _each = ImportRange.objects.filter(at__lt=now - timedelta(days=DAYS)).delete()
    return gone
