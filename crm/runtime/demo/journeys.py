"""Journeys of the demo, begun from ready ones: two that run, one paused, one draft with problems.

People went through them in the last two months (walks.py), as the engine would have led them; it goes on from there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.utils import translation

from campaigns.senders.models import Sender
from contacts.ledger.append import NewEvent
from contacts.segments.models import Segment
from crm.runtime.demo import stays
from crm.runtime.demo.cast import Cast, Persona
from crm.runtime.demo.company import HOST
from crm.runtime.demo.stays import Life
from crm.runtime.demo.travels import Logbook
from crm.runtime.demo.walks import Exit, Walk, Walker
from crm.team.models import Role, User
from journeys.engine.models import End
from journeys.graph.parsing import parse
from journeys.journey import control, editing
from journeys.journey.models import Journey
from journeys.journey.publishing import publish
from journeys.starters.beginning import Wishes, begin
from journeys.starters.catalogue import STARTERS

DAYS = 60
_PAUSED = timedelta(days=2)
_GOAL = timedelta(days=7)  # in which an order counts for the cart


def run(rng: Random, cast: Cast, segments: Mapping[str, Segment], lives: list[Life], now: datetime) -> list[NewEvent]:
    """Make the journeys with all they left behind, and return their events."""
    told: list[NewEvent] = []
    (by,) = cast.team[Role.MARKETER]
    people = {persona.contact.pk: persona for persona in cast.personas}
    begun = now - timedelta(days=DAYS)
    with translation.override("ko"):
        for key, ways in (("cart", _carts), ("after_purchase", _buyers), ("win_back", _silent)):
            journey = _live(key, segments["at-risk"], by, begun)
            stopped = now - _PAUSED if key == "win_back" else now
            walker = Walker(rng, parse(journey.draft), stopped, wakes=key == "win_back")
            told += Logbook(journey).write(list(ways(walker, people, lives, begun)))
            if stopped < now:
                control.pause(journey.pk)
        _draft(segments["active"], by, now - timedelta(days=1))
    return told


def _begun(key: str, segment: Segment, by: User, at: datetime) -> Journey:
    starter = STARTERS[key]
    sender = Sender.objects.order_by("pk")[:1].get()
    wishes = Wishes(str(starter.name), str(starter.description), sender.pk, HOST, segment=segment.pk)
    return begin(starter, wishes, by=by, now=at)


def _live(key: str, segment: Segment, by: User, at: datetime) -> Journey:
    journey = _begun(key, segment, by, at)
    publish(journey.pk, by=by, now=at, version=journey.version)
    journey.refresh_from_db()
    return journey


def _draft(segment: Segment, by: User, at: datetime) -> None:
    """Leave a drawing as somebody leaves it in the evening: a mail not chosen yet, a way that leads nowhere."""
    journey = _begun("nurture", segment, by, at)
    graph = parse(journey.draft)
    steps = tuple(
        replace(step, settings={**step.settings, "template": None}) if step.key == "mail_story" else step
        for step in graph.steps
    )
    links = tuple(link for link in graph.links if (link.source, link.outlet) != ("persona", "manages"))
    unfinished = replace(graph, steps=steps, links=links)
    editing.save_draft(journey.pk, unfinished.stored(), version=journey.version, by=by, now=at)


def _carts(walker: Walker, people: Mapping[int, Persona], lives: Iterable[Life], begun: datetime) -> Iterable[Walk]:
    """Everybody who left a cart, a fortnight apart at least; an order is the goal."""
    for life in lives:
        last = None
        for at in life.carts:
            if _may(people[life.contact_id], at, begun, walker.now) and (
                last is None or at - last > timedelta(days=14)
            ):
                bought = next((order for order in life.orders if at < order < at + _GOAL), None)
                goal = Exit(bought, End.GOAL) if bought else None
                last = at
                yield walker.walk(people[life.contact_id], at, _first(people[life.contact_id], goal))


def _silent(walker: Walker, people: Mapping[int, Persona], lives: Iterable[Life], begun: datetime) -> Iterable[Walk]:
    """Everybody who fell silent; who is seen again has left the segment."""
    for life in lives:
        persona = people[life.contact_id]
        for at, back in stays.at_risk(life)[:1]:
            if _may(persona, at, begun, walker.now):
                yield walker.walk(persona, at, _first(persona, Exit(back, End.LEFT_SEGMENT) if back else None))


def _buyers(walker: Walker, people: Mapping[int, Persona], lives: Iterable[Life], begun: datetime) -> Iterable[Walk]:
    """Everybody who ordered, once."""
    for life in lives:
        persona = people[life.contact_id]
        for at in [order for order in life.orders if _may(persona, order, begun, walker.now)][:1]:
            yield walker.walk(persona, at, _first(persona, None))


def _may(persona: Persona, at: datetime, begun: datetime, now: datetime) -> bool:
    return bool(persona.contact.email) and begun < at < now and persona.may_be_mailed(at)


def _first(persona: Persona, leaves: Exit | None) -> Exit | None:
    """Return what comes first: that, or her refusal of marketing."""
    if persona.refused_at is None or (leaves is not None and leaves.at <= persona.refused_at):
        return leaves
    return Exit(persona.refused_at, End.UNSUBSCRIBED)
