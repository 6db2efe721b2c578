"""The filter of people by their moves between stages: behind the numbers of the lifecycle map and of the real flow."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.people.filters import FILTERS, Asked, Filter
from contacts.stages.models import Stage
from crm.kit import clock

LONGEST = 3_660  # days
# A change of the stage model is no move of people.
_MOVES = """
SELECT e.contact_id FROM event e
WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'stage.entered')
  AND e.occurred_at >= %s AND e.occurred_at <= %s AND e.properties ->> 'cause' IS DISTINCT FROM 'model'
"""
_IN = _MOVES + " AND e.properties ->> 'to_id' = %s"
_OUT = _MOVES + " AND e.properties ->> 'from_id' = %s"
_PAIR = _IN + " AND e.properties ->> 'from_id' IS NOT DISTINCT FROM %s"
# Who came into the stage and went on to a later one with the next move (as crm.home.passage counts it).
_ON = """
SELECT s.contact_id FROM (
    SELECT e.contact_id, e.properties ->> 'to_id' AS stage_id,
        lead((e.properties ->> 'to_id')::bigint) OVER later AS next_id
    FROM event e
    WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'stage.entered')
      AND e.occurred_at >= %s AND e.occurred_at <= %s AND e.properties ->> 'cause' IS DISTINCT FROM 'model'
    WINDOW later AS (PARTITION BY e.contact_id ORDER BY e.occurred_at, e.id)
) s JOIN contacts_stage n ON n.id = s.next_id
WHERE s.stage_id = %s AND n.position > (SELECT position FROM contacts_stage own WHERE own.id = s.stage_id::bigint)
"""
_WAYS = {"in": _IN, "out": _OUT, "on": _ON}


def _read(value: str) -> tuple[str, str, int]:
    """Read "in:5:7": a way (in, out, on, or the stage people came from, "none"), a stage, days. Raises ValueError."""
    way, stage, days = value.split(":")
    known = way in _WAYS or way == "none" or _is_number(way)
    if not (known and _is_number(stage) and _is_number(days) and int(days) <= LONGEST):
        raise ValueError(value)
    return way, str(int(stage)), int(days)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 2**63


def _moved(value: str, _asked: Asked) -> Q:
    way, stage, days = _read(value)
    now = clock.now()
    stretch: list[Any] = [now - timedelta(days=days), now]
    if way in _WAYS:
        return Q(pk__in=RawSQL(_WAYS[way], [*stretch, stage]))  # noqa: S611 - constants of this module
    return Q(pk__in=RawSQL(_PAIR, [*stretch, stage, None if way == "none" else str(int(way))]))  # noqa: S611 - as above


def _words(value: str) -> str:
    try:
        way, stage, days = _read(value)
    except ValueError:
        return value
    words: dict[str, Callable[[], str]] = {
        "in": lambda: _("into %(stage)s, in %(days)d days"),
        "out": lambda: _("out of %(stage)s, in %(days)d days"),
        "on": lambda: _("on from %(stage)s, came in within %(days)d days"),
    }
    pattern = words[way]() if way in words else _("from %(origin)s to %(stage)s, in %(days)d days")
    numbers = [int(stage), *([int(way)] if _is_number(way) else [])]
    names = {each.pk: each.label for each in Stage.objects.filter(pk__in=numbers)}
    origin = names.get(int(way), _("deleted")) if _is_number(way) else _("no stage")
    return pattern % {"stage": names.get(int(stage), _("deleted")), "days": days, "origin": origin}


MOVED_FILTER = Filter("moved", gettext_lazy("Moved"), _moved, _words)


def register() -> None:
    """Enter the filter; harmless to repeat."""
    FILTERS.register(MOVED_FILTER)
