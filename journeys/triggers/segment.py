"""Ways in: somebody enters or leaves a segment."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.models import Segment
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import filled
from journeys.steps.kind import Cleaned
from journeys.steps.row_choice import RowChoice
from journeys.triggers.kind import TriggerForm
from journeys.triggers.of_event import EventTrigger, about

_MEMBERS = "SELECT contact_id FROM contacts_membership WHERE segment_id = %s AND left_at IS NULL"


class SegmentForm(TriggerForm):
    segment = RowChoice(Segment.objects.filter(purpose="").order_by("name"), label=_("Segment"))


class _OfSegment(EventTrigger):
    form = SegmentForm

    def test(self, cleaned: Cleaned) -> Sql:
        """Return that it is about this segment."""
        return about(self.kind, ("segment", str(cleaned["segment"].pk)))

    def segments(self, cleaned: Cleaned) -> frozenset[int]:
        """Return this segment."""
        return frozenset({cleaned["segment"].pk})


class SegmentEntered(_OfSegment):
    key = "segment_entered"
    label = _("Enters a segment")
    icon = "circle-plus"
    kind = "segment.entered"

    def fits_now(self, cleaned: Cleaned, at: Moment) -> Sql:
        """Return the members."""
        del at
        return Sql(_MEMBERS, (cleaned["segment"].pk,))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Enters the segment “%(name)s”"), name=cleaned["segment"].label)


class SegmentLeft(_OfSegment):
    key = "segment_left"
    label = _("Leaves a segment")
    icon = "circle-minus"
    kind = "segment.left"

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Leaves the segment “%(name)s”"), name=cleaned["segment"].label)


SEGMENT_ENTERED, SEGMENT_LEFT = SegmentEntered(), SegmentLeft()
