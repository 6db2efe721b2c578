"""The list of journeys, for everybody who may look at them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from contacts.people.filters import Chip
from crm.kit import clock
from crm.kit.paging import keyset_page
from crm.team.permissions import Action, allowed
from journeys.journey.attention import ONLY
from journeys.journey.models import Journey, JourneyState
from journeys.results.listing import listed
from journeys.results.window import USUAL, window

_WORDS = {"stuck": gettext_lazy("People wait at a step"), "unpublished": gettext_lazy("Changes not published")}


@require_safe
@allowed(Action.JOURNEY_VIEW)
def journeys(request: HttpRequest) -> HttpResponse:
    """Show journeys, those changed last first, with what they do; archived ones only when asked for."""
    q, state = request.GET.get("q", "").replace("\0", "").strip(), request.GET.get("state", "")
    found = Journey.objects.select_related("live").defer("draft", "live__graph")
    found = found.filter(name__icontains=q) if q else found
    only = request.GET.get("only", "") if request.GET.get("only", "") in ONLY else ""
    found = found.filter(pk__in=ONLY[only]().values("pk")) if only else found
    known = state in JourneyState.values
    found = found.filter(state=state) if known else found.exclude(state=JourneyState.ARCHIVED)
    page = keyset_page(found, ["-changed_at", "-id"], cursor=request.GET.get("cursor", ""))
    total = found.count()
    context = {
        "page": listed(page, window(USUAL, clock.now())),
        "search": q,
        "search_label": _("Search journeys"),
        "state": state,
        "states": JourneyState.choices,
        "is_empty": not page.rows and not q and not known and not only and not Journey.objects.exists(),
        "only": only,
        "chips": [Chip(str(_WORDS[only]), reverse("journeys:journeys"))] if only else [],
        "counted": ngettext("%(n)d journey", "%(n)d journeys", total) % {"n": total},
    }
    return render(request, "journeys/results/list.html", context)
