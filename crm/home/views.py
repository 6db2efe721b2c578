"""Home (the lifecycle map) and search."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contacts.stages.choice import stages_in_use
from crm.home import demo_notice, lifecycle, moves, tally
from crm.home.needs import needs_of
from crm.home.needs.first_steps import first_steps
from crm.home.passage import passages
from crm.home.search import finding
from crm.kit import clock
from crm.team.permissions import reader


def home(request: HttpRequest) -> HttpResponse:
    """Show the lifecycle map, what needs the reader, and the first steps while some are left."""
    user, now, stages = reader(request), clock.now(), stages_in_use()
    told = tally.numbers_for(user, now)
    numbers = told.numbers or tally.Numbers([], [], [], [])
    page = {
        "told": told,
        "map": lifecycle.map_of(numbers.stages, numbers.turnover, passages(numbers.passages, stages), stages),
        "flows": moves.flows(numbers.flows, stages),
        "moves": moves.newest(user, stages, now),
        "needs": needs_of(user, now),
        "steps": first_steps(user),
        "demo_notice": demo_notice.for_reader(user),
    }
    return render(request, "home/home.html", page)


def search(request: HttpRequest) -> HttpResponse:
    """Find anything; a whole page that also feeds the Ctrl-K dialog, which stands on the page `back`."""
    text = request.GET.get("q", "")[: finding.LONGEST]
    groups = finding.find(reader(request), text)
    back = request.headers.get("Referer", "") if "X-Search" in request.headers else ""
    context = {"q": text, "groups": groups, "count": sum(len(group.hits) for group in groups), "back": back}
    return render(request, "home/search.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is wrong with an address; of an attack as little as can be."""
    if not isinstance(exception, BadRequest):
        return HttpResponse("Bad request\n", status=400, content_type="text/plain")
    return render(request, "400.html", {"reason": str(exception)}, status=400)
