"""The list of segments, and what to begin a new one with."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from contacts.segments import queries, uses
from contacts.segments.models import Segment, SegmentState
from contacts.segments.starters import STARTERS
from contacts.segments.views.spark import line
from crm.kit import clock
from crm.team.permissions import Action, allowed

SORTS = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "people": ("members", "id"),
    "-people": ("-members", "-id"),
    "changed": ("changed_at", "id"),
    "-changed": ("-changed_at", "-id"),
}
DEFAULT_SORT = "name"
DAYS = 30
STATES = [(state.value, state.label) for state in SegmentState]


@dataclass(frozen=True)
class Row:
    """One segment in the list: how its size went over the last DAYS days, as points of a line ("" when unknown)."""

    segment: Segment
    trend: str
    change: int | None  # people more or fewer than DAYS days ago
    used: int  # in how many places it is used


@allowed(Action.SEGMENT_VIEW)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show all segments with size, trend and state; with none, the templates to begin with."""
    found = _found(request.GET.get("q", ""), request.GET.get("state", ""))
    order = SORTS.get(request.GET.get("sort", ""), SORTS[DEFAULT_SORT])
    segments = list(found.order_by(*order).select_related("build", "created_by"))
    context = {
        "rows": _rows(segments, clock.now()),
        "is_empty": not segments and not Segment.objects.audiences().exists(),
        "search": request.GET.get("q", ""),
        "state": request.GET.get("state", ""),
        "states": STATES,
        "default_sort": DEFAULT_SORT,
        "starters": STARTERS.values(),
        "search_label": _("Search segments"),
        "clear_url": "?",
    }
    return render(request, "contacts/segments/list.html", context)


def _found(typed: str, state: str) -> QuerySet[Segment]:
    segments = Segment.objects.audiences()
    if words := typed.replace("\0", "").strip():
        segments = segments.filter(name__icontains=words) | segments.filter(description__icontains=words)
    return segments.filter(state=state) if state in SegmentState else segments


def _rows(segments: list[Segment], now: datetime) -> list[Row]:
    sizes, used = queries.sparks(segments, now, DAYS), uses.counts([segment.pk for segment in segments])
    return [_row(segment, sizes[segment.pk], used[segment.pk]) for segment in segments]


def _row(segment: Segment, sizes: list[int], used: int) -> Row:
    known = segment.was_built and len(sizes) > 1
    return Row(segment, line(sizes), sizes[-1] - sizes[0], used) if known else Row(segment, "", None, used)
