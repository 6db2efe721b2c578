"""Who is put into a segment by hand, or kept out of it: that stands above the rule."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import Invalid
from contacts.segments import hand, queries
from contacts.segments.models import ByHand, Segment
from crm.api.fields import Body, Id, several
from crm.api.route import Asked, Listing
from crm.api.rows import MOST, people
from crm.api.segments import DOOR
from crm.kit.paging import keyset_page
from crm.team.permissions import Action

WHERE = "segments/<row:segment_id>/by-hand"


class DecidedShown(Body):
    """A person about whom was decided by hand."""

    contact_id = serializers.IntegerField()
    included = serializers.BooleanField(help_text=_("Put in; false: kept out."))
    by_id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()


class HandIn(Body):
    """Whom to put in, to keep out, and to leave to the rule again."""

    include = several(Id(), MOST, required=False)
    exclude = several(Id(), MOST, required=False)
    to_rule = several(Id(), MOST, required=False)


class HandShown(Body):
    """For how many this was new."""

    included = serializers.IntegerField()
    excluded = serializers.IntegerField()
    to_rule = serializers.IntegerField()
    not_found = serializers.ListField(child=serializers.IntegerField(), help_text=_("Whom you may not see."))


@DOOR.get(
    WHERE, Action.SEGMENT_VIEW, _("List who was put in or kept out by hand"), gives=DecidedShown, pages=True
)  # fmt: skip
def list_by_hand(asked: Asked, segment_id: int) -> Listing:
    """Return those whom you may see, decided last first."""
    rows = queries.decided_by_hand(_found(segment_id), asked.user)
    return Listing.of(keyset_page(rows, ("-at", "-id"), cursor=asked.cursor, size=asked.size), _decided)


def _decided(row: ByHand) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("contact_id", "included", "by_id", "at")}


@DOOR.post(
    WHERE, Action.SEGMENT_EDIT, _("Put people in by hand, or keep them out"), takes=HandIn, gives=HandShown,
    example={"include": [12], "exclude": [15]}, text=_("It stands above the rule until they are left to it again."),
)  # fmt: skip
def decide_by_hand(asked: Asked, segment_id: int) -> dict[str, Any]:
    """Decide about people; a repeat changes nothing."""
    segment, given = _found(segment_id), {name: asked.body.get(name, []) for name in ("include", "exclude", "to_rule")}
    everybody = [number for numbers in given.values() for number in numbers]
    if len(everybody) != len(set(everybody)):
        raise Invalid({"include": str(_("Name each person once."))})
    chosen = people(asked.user, everybody)
    seen, by, now = set(chosen.ids), asked.user, asked.now
    mine = {name: [number for number in numbers if number in seen] for name, numbers in given.items()}
    return {
        "included": hand.include(segment, mine["include"], by=by, now=now),
        "excluded": hand.exclude(segment, mine["exclude"], by=by, now=now),
        "to_rule": hand.leave_to_rule(segment, mine["to_rule"], now=now),
        "not_found": chosen.missing,
    }


def _found(segment_id: int) -> Segment:
    return get_object_or_404(Segment.objects.audiences(), pk=segment_id)
