"""Begin a journey from a ready one: segment and mails are made, then the drawing as a draft. Called by the editor."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from contacts.segments import saving
from contacts.segments.models import Segment
from contacts.segments.naming import names_of
from contacts.stages.choice import stages_in_use
from crm.team.models import Role, User
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.starters import mails
from journeys.starters.sketch import Chosen, Sketch
from journeys.starters.starter import ReadySegment, Starter


@dataclass(frozen=True)
class Wishes:
    """What somebody chose on the page. `segment` None: the ready one; `site` is the host that buttons lead to."""

    name: str
    description: str
    sender: int
    site: str
    segment: int | None = None
    date_field: str = ""
    day: date | None = None


@transaction.atomic
def begin(starter: Starter, wishes: Wishes, *, by: User, now: datetime) -> Journey:
    """Make the journey as a draft; nothing is sent. Raises Invalid, NameTaken, then nothing was made."""
    segment = wishes.segment
    if segment is None and starter.segment is not None:
        segment = _segment(starter.segment, by, now).pk
    chosen = Chosen(
        sender=wishes.sender,
        mails=mails.ensure(starter.key, wishes.site, by=by, now=now),
        segment=segment,
        date_field=wishes.date_field,
        day=wishes.day,
        colleagues=_colleagues(by),
    )
    graph = starter.draw(Sketch(chosen, stages_in_use()))
    return editing.create(wishes.name, wishes.description, graph=graph, by=by, now=now)


def _segment(ready: ReadySegment, by: User, now: datetime) -> Segment:
    """Return the segment of that name, whoever made it in whatever language; made if there is none."""
    found = Segment.objects.audiences().filter(name__in=names_of(ready.name)).order_by("pk").first()
    return found or saving.create(
        saving.Draft(str(ready.name), str(ready.description), ready.definition), by=by, now=now
    )


def _colleagues(by: User) -> tuple[int, ...]:
    """Return who takes leads in turn: the sales reps, else whoever makes the journey."""
    reps = User.objects.filter(role=Role.SALES_REP, is_active=True).order_by("name", "pk").values_list("pk", flat=True)
    return tuple(reps) or (by.pk,)
