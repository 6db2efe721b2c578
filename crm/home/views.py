"""Home (the lifecycle map) and search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.home import search as finder
from crm.team.models import User


def home(request: HttpRequest) -> HttpResponse:
    """Show the lifecycle map."""
    return render(request, "home/home.html")


def search(request: HttpRequest) -> HttpResponse:
    """Find pages and people; a whole page that also feeds the Ctrl-K dialog."""
    assert isinstance(request.user, User)
    text = request.GET.get("q", "")[: finder.LONGEST]
    groups = finder.find(request.user, text)
    return render(request, "home/search.html", {"q": text, "groups": groups, "count": sum(len(g.hits) for g in groups)})
