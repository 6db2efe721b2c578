"""People in journeys: who is inside, what a person went through; letting one go on, taking one out."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.people.models import Contact
from crm.api.contacts import found
from crm.api.fields import Body, Text, Whole
from crm.api.journeys import DOOR, WHERE
from crm.api.route import Asked, Listing, Param
from crm.kit.paging import keyset_page
from crm.team.models import User
from crm.team.permissions import Action
from journeys.engine import guiding
from journeys.engine.models import End, Enrolment
from journeys.journey.models import Journey

ONE = f"{WHERE}/people/<row:way_id>"
_STANDING = ("inside", "ended")


class WayShown(Body):
    """One person on her way through a journey."""

    id = serializers.IntegerField()
    journey_id = serializers.IntegerField()
    contact_id = serializers.IntegerField()
    step = serializers.CharField(help_text=_("Where the person is, or was last: the key of a step."))
    visit = serializers.IntegerField(help_text=_("How many steps were taken."))
    entered_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(help_text=_("At the step."))
    due_at = serializers.DateTimeField(allow_null=True, help_text=_("Null: the person waits for an event, or is out."))
    goal_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end = serializers.ChoiceField(["", *End.values], help_text=_("Empty while the person is inside."))
    problem = serializers.CharField(allow_blank=True, help_text=_("Why the step could not be done."))


_PLAIN = (
    "journey_id", "contact_id", "visit", "entered_at", "arrived_at", "due_at", "goal_at", "ended_at", "end", "problem",
)  # fmt: skip


def _shown(row: Enrolment) -> dict[str, Any]:
    return {"id": row.pk, "step": row.step.key, **{name: getattr(row, name) for name in _PLAIN}}


def _ways(user: User) -> QuerySet[Enrolment]:
    people = Contact.objects.visible_to(user)
    return Enrolment.objects.filter(contact_id__in=people.values("pk")).select_related("step")


@DOOR.get(
    f"{WHERE}/people", Action.JOURNEY_VIEW, _("List who is in a journey"), gives=WayShown, pages=True,
    query=(Param("state", _("Who is inside, unless given; or who is out again."), choices=_STANDING),),
)  # fmt: skip
def list_people(asked: Asked, journey_id: int) -> Listing:
    """Return those whom you may see, who came last first."""
    journey = get_object_or_404(Journey, pk=journey_id)
    rows = _ways(asked.user).filter(journey=journey, ended_at__isnull=asked.text("state") != "ended")
    return Listing.of(keyset_page(rows, ("-entered_at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.get(
    "contacts/<row:contact_id>/journeys", Action.JOURNEY_VIEW, _("List the journeys of a person"), gives=WayShown,
    pages=True,
)  # fmt: skip
def list_ways(asked: Asked, contact_id: int) -> Listing:
    """Return her ways, the newest first."""
    rows = _ways(asked.user).filter(contact_id=found(asked.user, contact_id).pk)
    return Listing.of(keyset_page(rows, ("-entered_at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


class OnIn(Body):
    visit = Whole(max_value=2**31 - 1, help_text=_("As it was read: who has moved on since stays there."))
    outlet = Text(max_length=40, allow_blank=False, help_text=_("By which way the person leaves the step."))


class MovedShown(Body):
    changed = serializers.BooleanField(help_text=_("False: the person had already moved on, or was out."))


@DOOR.post(f"{ONE}/leave", Action.JOURNEY_EDIT, _("Take a person out of a journey"), gives=MovedShown)
def take_out(asked: Asked, journey_id: int, way_id: int) -> dict[str, bool]:
    """Take one person out; a repeat changes nothing."""
    row = get_object_or_404(_ways(asked.user), pk=way_id, journey=journey_id)
    return {"changed": guiding.take_out(row.pk, now=asked.now)}


@DOOR.post(
    f"{ONE}/move-on", Action.JOURNEY_EDIT, _("Let a person go on without waiting"), takes=OnIn, gives=MovedShown,
    example={"visit": 3, "outlet": "next"},
)  # fmt: skip
def move_on(asked: Asked, journey_id: int, way_id: int) -> dict[str, bool]:
    """Let a person leave her step now, without its being done."""
    row, body = get_object_or_404(_ways(asked.user), pk=way_id, journey=journey_id), asked.body
    done = guiding.move_on(row.pk, body["outlet"], visit=body["visit"], by=asked.user, now=asked.now)
    return {"changed": done}
