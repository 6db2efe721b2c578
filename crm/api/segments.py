"""Segments: rules, how many people they find, and who is in them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Target
from contacts.errors import StaleEdit
from contacts.people.queries import page_by_name
from contacts.segments import counting, queries, saving
from contacts.segments.models import Segment, SegmentState
from contacts.segments.rules.parsing import parse
from crm.api import attribute_values
from crm.api.contacts import ContactShown, CountedShown, shown
from crm.api.fields import Body, Free, Text, Whole
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing, Param
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Segments", TokenScope.SEGMENTS_READ, TokenScope.SEGMENTS_WRITE)
RULE = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}


class SegmentIn(Body):
    """A segment as it is written; the definition is a rule of docs/segments.md."""

    name = Text(max_length=120, allow_blank=False)
    description = Text(max_length=4000, required=False)
    definition = Free()


class SegmentPatch(Body):
    name = Text(max_length=120, required=False, allow_blank=False)
    description = Text(max_length=4000, required=False)
    definition = Free(required=False)
    version = Whole()


class SegmentShown(Body):
    """A segment."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    definition = serializers.DictField()
    state = serializers.ChoiceField(SegmentState.values)
    problem = serializers.CharField(allow_blank=True)
    people = serializers.IntegerField(help_text=_("How many are in it now, over all owners."))
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    version = serializers.IntegerField()


_PLAIN = ("definition", "state", "problem", "created_at", "changed_at", "version")


def _shown(row: Segment) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in _PLAIN}
    return {"id": row.pk, "name": row.label, "description": row.about, **own, "people": row.members}


def _found(segment_id: int) -> Segment:
    return get_object_or_404(Segment.objects.audiences(), pk=segment_id)


@DOOR.get(
    "segments", Action.SEGMENT_VIEW, _("List segments"), gives=SegmentShown, pages=True,
    query=(
        Param("q", _("Part of name or description.")),
        Param("state", _("Only those that stand so."), choices=tuple(SegmentState.values)),
        Param("sort", _("The order."), choices=tuple(queries.SORTS)),
    ),
)  # fmt: skip
def list_segments(asked: Asked) -> Listing:
    """Return segments by name, unless sorted otherwise."""
    page = queries.segments_page(
        asked.text("q"), asked.text("state"), asked.text("sort"), asked.cursor, size=asked.size
    )  # fmt: skip
    return Listing.of(page, _shown)


@DOOR.get("segments/<row:segment_id>", Action.SEGMENT_VIEW, _("Read a segment"), gives=SegmentShown)
def read_segment(asked: Asked, segment_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one segment with its rule."""
    return _shown(_found(segment_id))


@DOOR.post(
    "segments", Action.SEGMENT_EDIT, _("Make a segment"), takes=SegmentIn, gives=SegmentShown, status=201,
    example={"name": "Busan", "definition": RULE}, text=_("Its people are found in the background: watch `state`."),
)  # fmt: skip
def make_segment(asked: Asked) -> dict[str, Any]:
    """Make a segment."""
    body = asked.body
    draft = saving.Draft(body["name"], body.get("description", ""), body["definition"])
    return _shown(saving.create(draft, by=asked.user, now=asked.now))


@DOOR.patch(
    "segments/<row:segment_id>", Action.SEGMENT_EDIT, _("Change a segment"), takes=SegmentPatch, gives=SegmentShown,
    refuses=(409,), example={"version": 1, "name": "Busan and around"},
)  # fmt: skip
def change_segment(asked: Asked, segment_id: int) -> dict[str, Any]:
    """Change what is given; only a changed rule has its people found anew."""
    row, body = _found(segment_id), asked.body
    draft = saving.Draft(
        body.get("name", row.name), body.get("description", row.description), body.get("definition", row.definition)
    )  # fmt: skip
    try:
        return _shown(saving.save(row.pk, body["version"], draft, by=asked.user, now=asked.now))
    except StaleEdit:
        raise stale(_shown(_found(segment_id))) from None


@DOOR.delete(
    "segments/<row:segment_id>", Action.SEGMENT_EDIT, _("Delete a segment that nothing uses"), refuses=(409,),
)  # fmt: skip
def delete_segment(asked: Asked, segment_id: int) -> None:  # noqa: ARG001 - allowed is allowed
    """Delete a segment."""
    saving.delete(_found(segment_id))


@DOOR.get(
    "segments/<row:segment_id>/members", Action.SEGMENT_VIEW, _("List who is in a segment"), gives=ContactShown,
    pages=True, scope=TokenScope.CONTACTS_READ,
)  # fmt: skip
def list_people(asked: Asked, segment_id: int) -> Listing:
    """Return the people of a segment whom you may see, by name."""
    page = page_by_name(queries.members_of(_found(segment_id), asked.user), asked.cursor, asked.size)
    known = attribute_values.defined(Target.CONTACT)
    return Listing.of(page, lambda contact: shown(contact, known))


class CountIn(Body):
    definition = Free()


@DOOR.post(
    "segments/count", Action.SEGMENT_VIEW, _("Count whom a rule finds"), takes=CountIn, gives=CountedShown,
    scope=TokenScope.SEGMENTS_READ, example={"definition": RULE}, text=_("Nothing is saved."),
)  # fmt: skip
def count_people(asked: Asked) -> dict[str, int]:
    """Return how many people a rule finds."""
    return {"people": counting.exact(parse(asked.body["definition"]), asked.user, asked.now)}
