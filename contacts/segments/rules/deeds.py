"""The kinds of events that rules may ask for, and how they are said: opened a mail, placed an order."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contacts.ledger.kinds import KINDS, EventKind, PastEvent, keys_where
from contacts.segments.errors import Wrong

ANY = "any"  # stands for everything that a person does herself
_UNASKED = frozenset(
    {
        "hit.opened",
        "hit.clicked",
        "hit.reclassified",
        "contact.merged",
        "contact.unmerged",
        "buyer.ranked",
        "score.recounted",
    }
)
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def askable() -> list[EventKind]:
    """Return the kinds that a rule may ask for."""
    return [kind for kind in KINDS if kind.key not in _UNASKED]


def read_kind(raw: Any) -> str:
    """Return the key of a kind. Raises Wrong."""
    if not isinstance(raw, str) or raw not in {kind.key for kind in askable()}:
        raise Wrong(_("There is no activity “%(key)s”.") % {"key": str(raw)[:60]})
    return raw


def keys_of(kind: str) -> list[str]:
    """Return the kinds that are meant: one, or all that a person does herself."""
    return keys_where(lambda one: one.activity) if kind == ANY else [kind]


def deed(kind: str) -> str:
    """Return a kind as a part of a sentence: "opened a mail"; where verbs stand at the end, its name."""
    if kind == ANY:
        return _("did anything")
    found = KINDS[kind]
    if (get_language() or "").startswith("ko"):
        return str(found.label)
    said = found.sentence(PastEvent(0, 0, kind, _SOME_TIME, _SOME_TIME, None, None, {}))
    return said[:1].lower() + said[1:]
