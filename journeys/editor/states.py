"""From the editor: pausing, resuming, letting people finish, archiving, copying; the versions, and back to one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from contacts.errors import Invalid
from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor.publication import moves_of
from journeys.errors import BadGraph, JourneyError, PublishRefused
from journeys.graph.differing import Difference, Mark, differences
from journeys.graph.parsing import parse
from journeys.journey import control, publishing
from journeys.journey.models import Journey, JourneyVersion

Context = dict[str, Any]
SHOWN_VERSIONS = 30
ACTS: dict[str, tuple[Callable[[int], None], Any]] = {
    "pause": (control.pause, gettext_lazy("Paused: nobody moves, nobody comes in, no mail leaves.")),
    "resume": (control.resume, gettext_lazy("The journey goes on.")),
    "finish": (control.finish, gettext_lazy("Nobody comes in any more; who is inside goes on to the end.")),
    "archive": (
        lambda number: control.archive(number, now=now()),
        gettext_lazy("Archived: everybody inside leaves the journey."),
    ),
}


@require_POST
def act(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - leads back
    """Do what `act` says: pause, resume, finish, archive or clone; a copy is opened."""
    get_object_or_404(Journey, pk=number)
    asked = request.POST.get("act", "")
    try:
        if asked == "clone":
            made = control.clone(number, by=reader(request), now=now())
            messages.success(request, _("This is the copy."))
            return redirect("admin:journeys_journey_change", made.pk)
        if asked not in ACTS:
            raise BadRequest(_("There is no such act."))
        verb, told = ACTS[asked]
        verb(number)
        messages.success(request, str(told))
    except (JourneyError, Invalid) as error:
        messages.error(request, str(error))
    return redirect("admin:journeys_journey_change", number)


@require_http_methods(["GET", "POST"])
def versions(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """List what was published with what each version changed; POST publishes an older one again."""
    journey = get_object_or_404(Journey.objects.select_related("live"), pk=number)
    if request.method == "POST":
        return _back(request, journey)
    made = list(journey.versions.select_related("published_by").order_by("-number")[: SHOWN_VERSIONS + 1])
    pairs = zip(made[:SHOWN_VERSIONS], [*made[1:], None], strict=False)
    shown = {
        "journey": journey,
        "rows": [(one, _changes(before, one)) for one, before in pairs],
        "waiting": publishing.waiting(number),
        "title": _("Versions of %(name)s") % {"name": journey.name},
    }
    return TemplateResponse(request, "journeys/editor/versions.html", context | shown)


def _changes(before: JourneyVersion | None, one: JourneyVersion) -> list[Difference]:
    if before is None:
        return []
    try:
        return differences(parse(before.graph), parse(one.graph))
    except BadGraph as error:
        return [Difference(Mark.CHANGED, str(error))]


def _back(request: HttpRequest, journey: Journey) -> HttpResponse:
    wanted, live = request.POST.get("number", ""), request.POST.get("live", "")
    if not all(text.isascii() and text.isdecimal() and len(text) < 9 for text in (wanted, live)):
        raise BadRequest(_("There is no such version."))
    get_object_or_404(JourneyVersion, journey=journey, number=int(wanted))
    try:
        made = publishing.roll_back(
            journey.pk, int(wanted), by=reader(request), now=now(), live_number=int(live), moves=moves_of(request.POST)
        )
        messages.success(request, _("Version %(number)d is published.") % {"number": made.number})
    except PublishRefused as error:
        messages.error(request, _("This version cannot be run any more:") + f" {error}")
    except JourneyError as error:
        messages.error(request, str(error))
    return redirect("admin:journeys_journey_versions", journey.pk)
