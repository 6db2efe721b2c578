"""Which journeys use a segment: those on their way, by the versions that take people in or have some inside."""

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.segments.uses import Use, page_of
from journeys.engine.live import ACTIVE
from journeys.engine.models import Enrolment
from journeys.journey.models import JourneyStep, JourneyVersion


def _reading(segment_ids: Collection[int]) -> QuerySet[JourneyVersion]:
    inside = Enrolment.objects.filter(step=OuterRef("pk"), ended_at=None)
    inhabited = JourneyStep.objects.filter(Exists(inside)).values("version")
    in_use = JourneyVersion.objects.filter(Q(journey__live=F("pk")) | Q(pk__in=inhabited), journey__state__in=ACTIVE)
    return in_use.filter(reads__overlap=list(segment_ids))


def _by_journeys(segment_id: int) -> list[tuple[str, str]]:
    found = _reading([segment_id]).order_by("journey__name").values_list("journey__name", "journey").distinct()
    return [(name, page_of("journeys:journey", journey)) for name, journey in found]


def _used(segment_ids: Collection[int]) -> list[int]:
    read = {
        (journey, segment)
        for journey, reads in _reading(segment_ids).values_list("journey", "reads")
        for segment in reads
    }
    return [segment for _journey, segment in read]


JOURNEY_USE = Use("journey", _("Journey"), _by_journeys, _used)
