"""Ways in by events: what all of them share is one SELECT over the new events."""

from abc import ABC, abstractmethod
from typing import ClassVar

from contacts.ledger.dictionary import Subject, kind_ids, subject_ids
from contacts.segments.rules.sql import Sql, compose
from journeys.steps.kind import Cleaned
from journeys.triggers.kind import TriggerKind

_STARTED = "SELECT e.contact_id, {key}, e.occurred_at, e.id, {facts} FROM {events} AS e WHERE {test}"
NO_KEY, NO_FACTS = Sql("''"), Sql("NULL::jsonb")
# What mails may show: the event's properties, its amount, and what kind of event it was.
FACTS = Sql("""e.properties || jsonb_strip_nulls(jsonb_build_object(
    'value', e.value, 'kind', (SELECT k.key FROM ledger_kind k WHERE k.id = e.kind_id)))""")


class EventTrigger(TriggerKind, ABC):
    """Subclasses say which events by `test`; `key_of` and `facts_of` where they have any."""

    kind: ClassVar[str]

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the one kind."""
        del cleaned
        return frozenset({self.kind})

    @abstractmethod
    def test(self, cleaned: Cleaned) -> Sql:
        """Return the condition over `e`, an event of the kind."""

    def key_of(self, cleaned: Cleaned) -> Sql:
        """Return SQL of the text that keeps two journeys of one person apart."""
        del cleaned
        return NO_KEY

    def facts_of(self, cleaned: Cleaned) -> Sql:
        """Return SQL of what mails may show."""
        del cleaned
        return NO_FACTS

    def started(self, cleaned: Cleaned, events: Sql) -> Sql:
        """Return those of the events that bring somebody in."""
        parts = {"key": self.key_of(cleaned), "facts": self.facts_of(cleaned), "test": self.test(cleaned)}
        return compose(_STARTED, events=events, **parts)


def of_kind(kind: str) -> Sql:
    """Return the condition that `e` is of the kind."""
    return Sql("e.kind_id = %s", (kind_ids([kind])[kind],))


def about(kind: str, *subjects: Subject) -> Sql:
    """Return the condition that `e` is of the kind, and about one of these subjects."""
    numbers = list(subject_ids(subjects).values())
    return Sql("e.kind_id = %s AND e.subject_id = ANY(%s)", (kind_ids([kind])[kind], numbers))
