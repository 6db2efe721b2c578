"""Segments that live: made, built and refreshed at once, and asked for the names of those who are in them."""

from contacts.ledger.batch import OWN_HORIZON
from contacts.ledger.follow import catch_up
from contacts.ledger.passes import Reach, enrol, main_pass
from contacts.models import Contact, Event, Membership
from contacts.segments import building, saving
from contacts.segments.saving import Draft


def city(*names, operator="is_any_of"):
    return {"field": "city", "operator": operator, "value": list(names)}


def inside(*segments, operator="has_any_of"):
    return {"field": "segments", "operator": operator, "value": [segment.pk for segment in segments]}


def rule(*nodes, mode="all"):
    return {"version": 1, "rule": {mode: list(nodes)}}


def make(name, *nodes, now, mode="all", by=None):
    """Make a segment and build it, and everything else that is due."""
    segment = saving.create(Draft(name, "", rule(*nodes, mode=mode)), by=by, now=now)
    build(now)
    return segment


def change(segment, *nodes, now, mode="all"):
    segment.refresh_from_db()
    draft = Draft(segment.name, segment.description, rule(*nodes, mode=mode))
    return saving.save(segment.pk, segment.version, draft, by=None, now=now)


def build(now):
    read(now)
    while building.run_due(lambda: now):
        read(now)


def read(now):
    """Let the followers read all there is, without looking at anybody: a build waits for that."""
    enrol(now)
    while main_pass(now, Reach(horizon=OWN_HORIZON)):
        pass


def members(segment):
    """Return the names of those in the segment, in order; the kept number has to agree."""
    held = Membership.objects.filter(segment=segment, left_at=None).values("contact")
    names = sorted(Contact.objects.filter(pk__in=held).values_list("name", flat=True))
    segment.refresh_from_db()
    assert segment.members == len(held)
    return " ".join(names)


def told(segment=None):
    """Return what the ledger tells of entering and leaving, in order, as "name: kind (why)"."""
    events = Event.objects.filter(kind__key__in=["segment.entered", "segment.left"]).order_by("pk")
    if segment is not None:
        events = events.filter(subject__type="segment", subject__key=str(segment.pk))
    names = dict(Contact.objects.values_list("pk", "name"))
    return [
        f"{names[event.contact_id]} {event.kind.key.removeprefix('segment.')} ({event.properties['why']})"
        for event in events.select_related("kind")
    ]


def follow(now):
    catch_up(now)
