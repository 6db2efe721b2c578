"""Parent companies: who is above and below an account, and that no company is above itself."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.people.models import Account

DEEPEST = 10  # levels of companies
MOST_SHOWN = 200  # companies below one
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('account tree', 1))"
_ABOVE = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, 0 AS steps FROM contacts_account WHERE id = %s
    UNION ALL SELECT a.id, a.parent_id, u.steps + 1 FROM up u JOIN contacts_account a ON a.id = u.parent_id
    WHERE u.steps < %s
) SELECT id FROM up ORDER BY steps
"""
_BELOW = """
WITH RECURSIVE down AS (
    SELECT id, 0 AS depth, ARRAY[''] AS path FROM contacts_account WHERE id = %s
    UNION ALL SELECT a.id, d.depth + 1, d.path || (a.sort_key || ' ' || a.id) FROM down d
    JOIN contacts_account a ON a.parent_id = d.id WHERE d.depth < %s
) SELECT id, depth FROM down WHERE depth > 0 ORDER BY path LIMIT %s
"""


@dataclass(frozen=True)
class Branch:
    """A company below another, `depth` levels down (1 for its own)."""

    account: Account
    depth: int


def above(account_id: int) -> list[Account]:
    """Return the parent companies of an account, the topmost first."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [account_id, DEEPEST])
        ids = [number for (number,) in cursor.fetchall()][1:]
    rows = Account.objects.in_bulk(ids) if ids else {}
    return [rows[number] for number in reversed(ids)]


def below(account_id: int) -> list[Branch]:
    """Return the companies below an account as a tree in reading order, at most MOST_SHOWN."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [account_id, DEEPEST, MOST_SHOWN])
        found = cursor.fetchall()
    rows = Account.objects.in_bulk([number for number, _depth in found]) if found else {}
    return [Branch(rows[number], depth) for number, depth in found]


def check_parent(account_id: int | None, parent_id: int | None) -> None:
    """Refuse a parent that is missing, below the account, or makes the tree deeper than DEEPEST. Raises Invalid.

    Call it in the transaction that writes: of two changes at once the second waits and sees the first.
    """
    if parent_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_ABOVE, [parent_id, DEEPEST])
        chain = [number for (number,) in cursor.fetchall()]
    levels = max((branch.depth for branch in below(account_id)), default=0) if account_id else 0
    if not chain:
        raise Invalid({"parent": _("There is no such company.")})
    if account_id in chain:
        raise Invalid({"parent": _("A company cannot be its own parent, nor that of one above it.")})
    if len(chain) + 1 + levels > DEEPEST:
        raise Invalid({"parent": _("Companies can stand in at most %(n)d levels.") % {"n": DEEPEST}})
