"""When people of the demo were in the segments of segments.py: stays as (from, until), told by what they did."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from contacts.ledger.append import NewEvent
from contacts.ledger.kinds import keys_where
from contacts.scoring.heat import default_model
from contacts.scoring.models import ScoreModel, ScoreRule

type Stay = tuple[datetime, datetime | None]
_ACTIVE, _RISKY, _CART = timedelta(days=30), timedelta(days=90), timedelta(days=3)


@dataclass
class Life:
    """What decides about one person, in the order of time; `hot` are stays above the line of hot leads."""

    contact_id: int
    is_owned: bool
    deeds: list[datetime] = field(default_factory=list)
    orders: list[datetime] = field(default_factory=list)
    carts: list[datetime] = field(default_factory=list)
    hot: list[Stay] = field(default_factory=list)


def lives(events: Sequence[NewEvent], owned: Iterable[int]) -> list[Life]:
    """Return the lives of all who did something, from events in the order of time; `owned` are those with an owner."""
    active, has_owner = frozenset(keys_where(lambda kind: kind.activity)), frozenset(owned)
    found: dict[int, Life] = {}
    mine: dict[int, list[NewEvent]] = defaultdict(list)
    for event in events:
        life = found.setdefault(event.contact_id, Life(event.contact_id, event.contact_id in has_owner))
        if event.kind in active:
            life.deeds.append(event.occurred_at)
        if event.kind == "order.placed":
            life.orders.append(event.occurred_at)
        if event.kind == "cart.updated":
            life.carts.append(event.occurred_at)
        mine[event.contact_id].append(event)
    heat = _Heat(default_model())
    for life in found.values():
        life.hot = [] if life.is_owned else heat.stays(mine[life.contact_id])
    return list(found.values())


def active(life: Life) -> list[Stay]:
    """Did something within 30 days."""
    return joined((at, at + _ACTIVE) for at in life.deeds)


def bought(times: int) -> Callable[[Life], list[Stay]]:
    """Ordered at least so often."""
    return lambda life: [(life.orders[times - 1], None)] if len(life.orders) >= times else []


def at_risk(life: Life) -> list[Stay]:
    """Ordered before, not within 90 days, and not seen within 30."""
    found = []
    for seen, again in zip(life.deeds, [*life.deeds[1:], None], strict=True):
        before = [at for at in life.orders if at <= seen]
        begins = max(before[-1] + _RISKY, seen + _ACTIVE) if before else None
        if begins and (again is None or begins < again):
            found.append((begins, again))
    return found


def cart_left(life: Life) -> list[Stay]:
    """Changed a cart within 3 days, and ordered nothing since."""
    return joined((cart, min([cart + _CART, *(at for at in life.orders if at > cart)])) for cart in life.carts)


def hot_without_owner(life: Life) -> list[Stay]:
    """Hot, and nobody's lead."""
    return life.hot


def joined(stays: Iterable[tuple[datetime, datetime]]) -> list[Stay]:
    """Return stays, sorted by their beginnings, with those that overlap as one."""
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in stays:
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return list(found)


class _Heat:
    """Points as the score rules give them, faded from event to event."""

    def __init__(self, model: ScoreModel) -> None:
        self.model, self.zone = model, ZoneInfo(settings.TIME_ZONE)
        self.rules: dict[str, list[ScoreRule]] = defaultdict(list)
        for rule in model.rules.filter(active=True):
            self.rules[rule.kind].append(rule)

    def stays(self, events: Sequence[NewEvent]) -> list[Stay]:
        """Return when these events of one person kept her above the line."""
        score, last, counted, hot = 0.0, None, Counter[tuple[int, str]](), []
        for event in events:
            points = sum(self._points(rule, event, counted) for rule in self.rules.get(event.kind, ()))
            if points:
                score = score * self._fading(event.occurred_at - last) + points if last else points
                last = event.occurred_at
                if score >= self.model.hot_at:
                    days = self.model.half_life * math.log2(score / self.model.hot_at)
                    hot.append((last, last + timedelta(days=days)))
        return joined(hot)

    def _fading(self, span: timedelta) -> float:
        return float(2 ** (-(span / timedelta(days=1)) / self.model.half_life))

    def _points(self, rule: ScoreRule, event: NewEvent, counted: Counter[tuple[int, str]]) -> float:
        facts = event.properties or {}
        if not all(str(one["value"]) in str(facts.get(one["property"], "")) for one in rule.conditions):
            return 0.0
        if rule.cap_times is not None:  # those that ship count by the day
            day = (rule.pk, str(event.occurred_at.astimezone(self.zone).date()))
            counted[day] += 1
            if counted[day] > rule.cap_times:
                return 0.0
        return rule.points
