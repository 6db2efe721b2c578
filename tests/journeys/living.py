"""Journeys that live: drawn, published and run at once with tiny kinds of steps, and asked what became of people."""

import itertools
from datetime import timedelta

from django import forms
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.ledger.follow import catch_up
from contacts.models import Contact, Event
from contacts.segments.rules.sql import Sql
from journeys.engine import tasks
from journeys.engine.models import Enrolment, RefusalCount, StepCount, Trace
from journeys.graph.graph import Graph, Link, Rules, Step, Trigger
from journeys.journey.models import Journey
from journeys.journey.publishing import publish
from journeys.steps.kind import Outlet, Shelf, StepForm, StepKind
from journeys.triggers.kind import TriggerForm, TriggerKind


class Tiny(StepKind):
    label, icon, shelf = "Tiny", "point", Shelf.OTHER


class SecondsForm(StepForm):
    seconds = forms.IntegerField()


class Wait(Tiny):
    key, form, waits = "t_wait", SecondsForm, True

    def outcome(self, batch):
        return Sql(
            "SELECT id, CASE WHEN arrived_at + %s <= at THEN 'next' END, arrived_at + %s, NULL::jsonb "
            f"FROM {batch.rows}",
            (timedelta(seconds=batch.cleaned["seconds"]),) * 2,
        )


class EventForm(SecondsForm):
    event = forms.CharField()
    since = forms.ChoiceField(choices=[("entered_at", "entered"), ("arrived_at", "arrived")], required=False)


class WaitForEvent(Tiny):
    key, form, waits = "t_await", EventForm, True

    def outlets(self, cleaned):
        return (Outlet("happened", "happened"), Outlet("timed_out", "timed out"))

    def kinds(self, cleaned):
        return frozenset({cleaned["event"]})

    def outcome(self, batch):
        return Sql(
            f"""SELECT b.id, CASE WHEN h.at IS NOT NULL THEN 'happened' WHEN b.at >= b.until THEN 'timed_out' END,
                coalesce(h.at, b.until), NULL::jsonb
            FROM (SELECT *, arrived_at + %s AS until FROM {batch.rows}) b LEFT JOIN LATERAL (
                SELECT min(e.occurred_at) AS at FROM event e WHERE e.contact_id = b.contact_id AND e.kind_id = %s
                AND e.occurred_at > b.{batch.cleaned["since"] or "entered_at"}
                AND e.occurred_at <= least(b.at, b.until)) h ON true""",
            (timedelta(seconds=batch.cleaned["seconds"]), kind_ids([batch.cleaned["event"]])[batch.cleaned["event"]]),
        )


class Note(Tiny):
    """Writes an event: an effect that can be counted."""

    key = "t_note"

    def act(self, batch):
        batch.run(
            "INSERT INTO event (contact_id, kind_id, occurred_at, recorded_at, properties) "
            "SELECT contact_id, %s, at, at, jsonb_build_object('text', %s::text) FROM {rows} ORDER BY id",
            kind_ids(["note.added"])["note.added"],
            batch.place.key,
        )


class Poison(Tiny):
    """Cannot be done for whoever is called Poison."""

    key = "t_poison"

    def act(self, batch):
        batch.run(
            "UPDATE {rows} b SET outlet = (CASE c.name WHEN 'Poison' THEN c.name::int::text ELSE 'next' END) "
            "FROM contacts_contact c WHERE c.id = b.contact_id"
        )


class Branch(Tiny):
    """Two ways, by the parity of a hash of person and step."""

    key = "t_branch"

    def outlets(self, cleaned):
        return (Outlet("even", "even"), Outlet("odd", "odd"))

    def outcome(self, batch):
        return Sql(
            f"SELECT id, CASE (contact_id + length(%s)) %% 2 WHEN 0 THEN 'even' ELSE 'odd' END, NULL::timestamptz, "
            f"NULL::jsonb FROM {batch.rows}",
            (batch.place.key,),
        )


class KindForm(TriggerForm):
    event = forms.CharField()
    property = forms.CharField(required=False)


class Happens(TriggerKind):
    key, label, icon, form = "t_event", "Something happens", "point", KindForm

    def kinds(self, cleaned):
        return frozenset({cleaned["event"]})

    def started(self, cleaned, events):
        return Sql(
            f"SELECT e.contact_id, coalesce(e.properties ->> %s, ''), e.occurred_at, e.id, e.properties "
            f"FROM {events.text} AS e WHERE e.kind_id = %s",
            (cleaned["property"], *events.params, kind_ids([cleaned["event"]])[cleaned["event"]]),
        )


class SegmentForm(TriggerForm):
    segment = forms.IntegerField()


class EntersSegment(TriggerKind):
    key, label, icon, form = "t_segment", "Enters a segment", "point", SegmentForm

    def kinds(self, cleaned):
        return frozenset({"segment.entered"})

    def segments(self, cleaned):
        return frozenset({cleaned["segment"]})

    def started(self, cleaned, events):
        subject = ("segment", str(cleaned["segment"]))
        return Sql(
            f"SELECT e.contact_id, '', e.occurred_at, e.id, NULL::jsonb FROM {events.text} AS e "
            "WHERE e.kind_id = %s AND e.subject_id = %s",
            (*events.params, kind_ids(["segment.entered"])["segment.entered"], subject_ids([subject])[subject]),
        )

    def fits_now(self, cleaned, at):
        return Sql(
            "SELECT contact_id FROM contacts_membership WHERE segment_id = %s AND left_at IS NULL",
            (cleaned["segment"],),
        )


class Daily(TriggerKind):
    """Everybody of a city, once a day at midnight UTC."""

    key, label, icon, form = "t_daily", "Every day", "point", TriggerForm

    def due(self, cleaned, since, until, at):
        return Sql(
            "SELECT c.id, d::date::text, d, NULL::bigint, NULL::jsonb FROM contacts_contact c, "
            "generate_series(date_trunc('day', %s::timestamptz, 'UTC'), %s, interval '1 day') AS d "
            "WHERE d > %s AND c.merged_into_id IS NULL",
            (since, until, since),
        )


STEPS = (Wait(), WaitForEvent(), Note(), Poison(), Branch())
TRIGGERS = (Happens(), EntersSegment(), Daily())


def step(key, kind, **settings):
    """Return a step; its place in the grid is told apart by the key."""
    return Step(key, kind, settings)


def happens(event, prop="", key="in"):
    return Trigger(key, "t_event", {"event": event, "property": prop})


def enters(segment, key="in"):
    return Trigger(key, "t_segment", {"segment": segment.pk})


def graph(*steps, triggers=None, links=None, rules=None):
    """Return a drawing; without links each step leads to the next by every outlet it is known to have."""
    placed = tuple(Step(s.key, s.kind, s.settings, row=row) for row, s in enumerate(steps))
    if links is None:
        links = [(one.key, "next", other.key) for one, other in itertools.pairwise(placed)]
    ways_in = (happens("cart.updated"),) if triggers is None else tuple(triggers)
    return Graph(ways_in, rules or Rules(), placed[0].key, placed, tuple(Link(*link) for link in links))


def live(drawing, *, now, name="Welcome", **options):
    """Make a journey of a drawing and publish it."""
    journey = Journey.objects.create(name=name, draft=drawing.stored())
    publish(journey.pk, by=None, now=now, version=journey.version, **options)
    journey.refresh_from_db()
    return journey


def redraw(journey, drawing):
    """Save another drawing as the draft, as the editor does; return its version."""
    journey.refresh_from_db()
    version = journey.version + 1
    Journey.objects.filter(pk=journey.pk).update(draft=drawing.stored(), version=version)
    return version


def run(now):
    """Follow the ledger and do whatever is due at `now`, until nothing is left."""
    while catch_up(now) + tasks.work(now):
        pass


def event(contact, kind, at, recorded=None, **properties):
    append([NewEvent(contact.pk, kind, at, properties=properties)], source="t", now=recorded or at)


def notes(contact=None):
    """Return the texts of notes in the order of their times, joined: the effects that steps had."""
    events = Event.objects.filter(kind__key="note.added").order_by("occurred_at", "pk")
    if contact is not None:
        events = events.filter(contact_id=contact.pk)
    return " ".join(event.properties["text"] for event in events)


def ways(contact, journey=None):
    """Return her ways: "note>next wait>next: completed", one text an enrolment; "at wait" where she is."""
    found = Enrolment.objects.filter(contact_id=contact.pk).select_related("step").order_by("entered_at", "pk")
    if journey is not None:
        found = found.filter(journey=journey)
    return [f"{_taken(one)}: {one.end or 'at ' + one.step.key}".removeprefix(": ") for one in found]


def _taken(enrolment):
    traces = Trace.objects.filter(enrolment=enrolment).order_by("visit").select_related("step")
    rows = list(traces)
    assert [trace.visit for trace in rows] == list(range(len(rows)))
    return " ".join(f"{trace.step.key}>{trace.outlet}" for trace in rows)


def told(contact):
    """Return what the ledger tells of a person's journeys, in order: "entered", "left (goal)"."""
    events = Event.objects.filter(contact_id=contact.pk, kind__key__startswith="journey.").select_related("kind")
    return [
        one.kind.key.removeprefix("journey.") + (f" ({one.properties['why']})" if "why" in one.properties else "")
        for one in events.order_by("pk")
    ]


def refused(journey):
    """Return how many were not let in, by reason."""
    found = {}
    for row in RefusalCount.objects.filter(journey=journey):
        found[row.reason] = found.get(row.reason, 0) + row.n
    return found


def counts(journey):
    """Return the numbers of the canvas: how many left each step by each outlet. They have to agree with the traces."""
    found = {}
    for row in StepCount.objects.filter(step__version__journey=journey).select_related("step"):
        key = f"{row.step.key}>{row.outlet}"
        found[key] = found.get(key, 0) + row.n
    traced = Trace.objects.filter(step__version__journey=journey).exclude(outlet="moved").count()
    assert sum(n for key, n in found.items() if ">end:" not in key) == traced
    return found


def born(name, now, **fields):
    contact = Contact.objects.create(name=name, **fields)
    append([NewEvent(contact.pk, "contact.created", now)], source="t", now=now)
    return contact


def empty_memory():
    """Forget what was read of journeys, as another process would not know it."""
    from journeys.engine.live import _Memory

    _Memory.made.clear()
    connection.ensure_connection()
