"""Which kinds of events other programs can be told: what happens to people, not what the product notes for itself."""

from contacts.ledger.kinds import KINDS, EventKind

_TOPICS = (
    "contact", "consent", "topic", "address", "list", "tag", "stage", "segment", "owner", "lead", "page", "form",
    "product", "event", "cart", "order", "call", "note", "mail", "journey",
)  # fmt: skip


def kinds() -> list[EventKind]:
    """Return the kinds that can be chosen, topic by topic."""
    by_topic = {topic: [kind for kind in KINDS if kind.key.partition(".")[0] == topic] for topic in _TOPICS}
    return [kind for topic in _TOPICS for kind in by_topic[topic]]


def keys() -> list[str]:
    """Return their keys."""
    return [kind.key for kind in kinds()]
