"""Asking a rule about the few people of a pass."""

from collections.abc import Collection
from itertools import batched

from django.db.backends.utils import CursorWrapper

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sql import compose

_AT_ONCE = 1_000  # people in a statement: from 10,000 on PostgreSQL hashes sub-queries over everybody
_MATCHING = "SELECT c.id FROM contacts_contact c WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL AND {test}"


def matching(cursor: CursorWrapper, rule: Rule, contacts: Collection[int], at: Moment) -> set[int]:
    """Return those of `contacts` whom the rule fits at that moment."""
    test = rule.test(at)
    found: set[int] = set()
    for chunk in batched(sorted(set(contacts)), _AT_ONCE, strict=False):
        asked = compose(_MATCHING, list(chunk), test=test)
        cursor.execute(asked.text, asked.params)
        found |= {contact for (contact,) in cursor.fetchall()}
    return found
