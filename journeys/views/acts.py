"""What colleagues do with a journey from its page: pause, resume, let people finish, archive, try again."""

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.kit import clock
from crm.team.permissions import Action, allowed
from journeys.editor.states import ACTS
from journeys.engine.models import Enrolment
from journeys.engine.running import try_again
from journeys.engine.wake import wake
from journeys.errors import JourneyError
from journeys.journey.models import Journey, JourneyStep


@require_POST
@allowed(Action.JOURNEY_EDIT)
def act(request: HttpRequest, journey_id: int, verb: str) -> HttpResponse:
    """Do one of ACTS, or "again"; what cannot be done now is said, and nothing changed."""
    get_object_or_404(Journey, pk=journey_id)
    if verb == "again":
        _again(journey_id)
        messages.success(request, _("It is tried again at once."))
    elif verb in ACTS:
        done, told = ACTS[verb]
        try:
            done(journey_id)
            messages.success(request, str(told))
        except JourneyError as error:
            messages.error(request, str(error))
    else:
        raise Http404
    return redirect("journeys:journey", journey_id)


def _again(journey_id: int) -> None:
    aside = Enrolment.objects.filter(step=OuterRef("pk"), ended_at=None).exclude(problem="")
    broken = JourneyStep.objects.filter(~Q(problem="") | Exists(aside), version__journey=journey_id)
    now = clock.now()
    for step_id in broken.values_list("pk", flat=True):
        try_again(step_id, now=now)
    wake()
