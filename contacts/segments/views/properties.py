"""What the properties of events are called, and what they hold: read from the latest events that the reader may see."""

import json
from collections import Counter
from typing import Any

from django.db import connection

from contacts.ledger.kinds import KINDS
from contacts.people.models import Contact
from crm.team.models import User

LATEST = 2_000  # events that are looked at
MOST = 20
LONGEST = 120  # longer texts, such as notes, are nothing to choose
_EVENTS = """
SELECT contact_id, properties FROM event WHERE kind_id = (SELECT id FROM ledger_kind WHERE key = %s)
ORDER BY occurred_at DESC LIMIT %s
"""


def names(user: User, kind: str) -> list[tuple[str, int]]:
    """Return the names of properties of a kind with how many of the latest events carry them."""
    return _most(Counter(name for properties in _latest(user, kind) for name in properties))


def values(user: User, kind: str, name: str, typed: str) -> list[tuple[str, int]]:
    """Return the values of a property that hold what was typed, with how many of the latest events have them."""
    found = (_text(properties.get(name)) for properties in _latest(user, kind))
    wanted = typed.casefold()
    return _most(Counter(text for text in found if 0 < len(text) <= LONGEST and wanted in text.casefold()))


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]


def _latest(user: User, kind: str) -> list[dict[str, Any]]:
    if kind not in KINDS:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [kind, LATEST])
        rows = cursor.fetchall()
    ids = {contact for contact, _properties in rows}
    seen = set(Contact.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [json.loads(properties) for contact, properties in rows if contact in seen]


def _text(raw: Any) -> str:
    return str(raw) if isinstance(raw, str | int | float) and not isinstance(raw, bool) else ""
