"""The list of segments, and what to begin a new one with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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

DAYS = 30
_LIVE = ("people", "trend", "state")  # the cells of a row that change by themselves
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
    query = request.GET
    asked = (query.get(key, "") for key in ("q", "state", "sort", "cursor"))
    page = queries.segments_page(*asked)
    context = {
        "page": page,
        "rows": _rows(page.rows, clock.now()),
        "live": ",".join(f"#segment-{segment.pk}-{cell}" for segment in page.rows for cell in _LIVE),
        "is_building": any(segment.state == SegmentState.BUILDING for segment in page.rows),
        "is_empty": not page.rows and not Segment.objects.audiences().exists(),
        "search": request.GET.get("q", ""),
        "state": request.GET.get("state", ""),
        "states": STATES,
        "default_sort": queries.DEFAULT_SORT,
        "starters": STARTERS.values(),
        "search_label": _("Search segments"),
        "clear_url": "?",
    }
    return render(request, "contacts/segments/list.html", context)


def _rows(segments: Sequence[Segment], now: datetime) -> list[Row]:
    sizes, used = queries.sparks(segments, now, DAYS), uses.counts([segment.pk for segment in segments])
    return [_row(segment, sizes[segment.pk], used[segment.pk]) for segment in segments]


def _row(segment: Segment, sizes: list[int], used: int) -> Row:
    known = segment.was_built and len(sizes) > 1
    return Row(segment, line(sizes), sizes[-1] - sizes[0], used) if known else Row(segment, "", None, used)
