"""Which journeys wait for somebody who may edit them; read by the list of journeys and by home."""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from journeys.engine.models import Enrolment
from journeys.journey.models import Journey, JourneyState, JourneyStep


def _working() -> QuerySet[Journey]:
    return Journey.objects.exclude(state__in=[JourneyState.DRAFT, JourneyState.ARCHIVED])


def stuck() -> QuerySet[Journey]:
    """Return the journeys in which people wait because a step cannot be done, for all or for one of them."""
    aside = Enrolment.objects.filter(journey=OuterRef("pk"), ended_at=None).exclude(problem="")
    held = JourneyStep.objects.filter(version__journey=OuterRef("pk")).exclude(problem="")
    return _working().filter(Q(Exists(held)) | Q(Exists(aside)))


def unpublished() -> QuerySet[Journey]:
    """Return the journeys whose draft was saved after what runs was made from it."""
    return _working().filter(live__draft_version__lt=F("version"))


ONLY: dict[str, Callable[[], QuerySet[Journey]]] = {"stuck": stuck, "unpublished": unpublished}
