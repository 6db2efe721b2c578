"""What would bring a person into a draft: her own activities that start it, the newest first, or a sample.

The mails of her walk show it (`{{ journey.order }}` and the like), and the walk is keyed by it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from campaigns.templating.fields import FIXED
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.kinds import kind_of
from contacts.segments.rules.sql import Sql, compose, joined
from crm.kit.figures import day_and_time
from journeys.graph.graph import Graph
from journeys.steps.kind import Cleaned
from journeys.steps.occasion import SHOWN
from journeys.triggers.kind import TRIGGER_KINDS
from journeys.triggers.of_event import NO_FACTS, EventTrigger

MOST = 10
_BACK = timedelta(days=366)
# No more than these of a person are looked at: she who views pages all day has millions.
_EVENTS = """(
    SELECT e.id, e.tx, e.contact_id, e.subject_id, e.occurred_at, e.recorded_at, e.cause, e.kind_id, e.depth, e.value,
           e.properties
    FROM event e WHERE e.contact_id = %s AND e.kind_id = ANY(%s) AND e.occurred_at > %s AND e.occurred_at <= %s
    ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1000
)"""
_NEWEST = """
SELECT e.cause, e.key, e.at, e.facts ->> 'kind', jsonb_strip_nulls({shown})
FROM ({found}) AS e (contact_id, key, at, cause, facts) ORDER BY e.at DESC, e.cause DESC LIMIT %s
"""
_EXAMPLES = {field.key.removeprefix("journey."): field.example for field in FIXED if field.group == "journey"}
# What an event of a kind can say; one of another kind may carry all of it.
_OF_KIND = {"cart.updated": ("product", "value"), "product.viewed": ("product",), "form.submitted": ("form",)}
_OF_ORDER = ("order", "product", "value")
_ALL = ("order", "product", "form", "value")


@dataclass(frozen=True)
class Occasion:
    """One start of a journey: the event's id (0: a sample) and key, and what mails show of it, by name."""

    event: int
    key: str
    at: datetime
    said: str
    shown: Mapping[str, Any]


def occasions(graph: Graph, contact_id: int, now: datetime) -> list[Occasion]:
    """Return her newest activities that start this drawing, at most MOST, then a sample.

    Empty where no way into the drawing tells mails anything.
    """
    ways = list(_telling(graph))
    if not ways:
        return []
    found = [_started(kind, cleaned, contact_id, now) for kind, cleaned in ways]
    asked = compose(_NEWEST, MOST, shown=Sql(SHOWN), found=joined(" UNION ALL ", found))
    with connection.cursor() as cursor:
        cursor.execute(asked.text, asked.params)
        own = [_occasion(*row) for row in cursor.fetchall()]
    names = sorted({name for kind, cleaned in ways for name in kind.kinds(cleaned)})
    return [*own, _sample(names, now)]


def _telling(graph: Graph) -> Iterator[tuple[EventTrigger, Cleaned]]:
    """Yield the ways in by events that tell mails something, with their settings."""
    for trigger in graph.triggers:
        kind = TRIGGER_KINDS[trigger.kind]
        form = kind.read(trigger.settings)
        if isinstance(kind, EventTrigger) and form.is_valid() and kind.facts_of(form.cleaned_data) != NO_FACTS:
            yield kind, form.cleaned_data


def _started(kind: EventTrigger, cleaned: Cleaned, contact_id: int, now: datetime) -> Sql:
    numbers = sorted(kind_ids(sorted(kind.kinds(cleaned))).values())
    return kind.started(cleaned, Sql(_EVENTS, (contact_id, numbers, now - _BACK, now)))


def _occasion(event: int, key: str, at: datetime, kind: str, shown: str) -> Occasion:
    facts = json.loads(shown)
    about = next((str(facts[name]) for name in _ALL if name in facts and name != "value"), "")
    said = " · ".join(part for part in (str(kind_of(kind).label), about, day_and_time(at)) if part)
    return Occasion(event, key, at, said, facts)


def _sample(kinds: list[str], at: datetime) -> Occasion:
    """Return what such events usually say, with the examples that templates are shown with."""
    names = {name for kind in kinds for name in (_OF_ORDER if kind.startswith("order.") else _OF_KIND.get(kind, _ALL))}
    shown: dict[str, Any] = {name: _EXAMPLES[name] for name in _ALL if name in names}
    if "value" in shown:
        shown["value"] = json.loads(_EXAMPLES["value"])
    return Occasion(0, "", at, _("A sample, not a real one"), shown)
