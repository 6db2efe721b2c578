"""The pages of one segment: overview, people, versions, its rule as JSON."""

import csv
import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.people.models import Contact
from contacts.people.queries import page_by_name
from contacts.segments import history, queries, uses
from contacts.segments.models import Segment, SegmentVersion
from contacts.segments.views import acting, differing, telling
from crm.kit import clock, figures
from crm.kit.charts import Chart
from crm.team.permissions import Action, allowed, reader

WEEK = timedelta(days=7)
MOVES = 12
DAYS = 365


def found(segment_id: int) -> Segment:
    """Return a segment with what its pages show. Raises Http404."""
    return get_object_or_404(Segment.objects.audiences().select_related("build", "created_by"), pk=segment_id)


@allowed(Action.SEGMENT_VIEW)
@require_GET
def show(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show the rule in words, the size and how it went, who came and went, and where the segment is used."""
    segment, now = found(segment_id), clock.now()
    context = {
        "segment": segment,
        **telling.of(segment.definition),
        "tiles": _tiles(segment, now),
        "chart": _chart(segment, now),
        "moves": history.recent_moves(segment, reader(request), MOVES),
        "used": uses.of(segment.pk),
        **acting.told(segment),
    }
    return render(request, "contacts/segments/show.html", context)


def _tiles(segment: Segment, now: datetime) -> list[dict[str, Any]]:
    people = reverse("contacts:segment-people", args=[segment.pk])
    entered, left = history.turnover(segment, now - WEEK)
    size = figures.count(segment.members) if segment.was_built else "–"
    return [
        {"label": _("People"), "value": size, "url": people, "note": ""},
        {"label": _("Entered in 7 days"), "value": figures.count(entered), "url": "", "note": ""},
        {"label": _("Left in 7 days"), "value": figures.count(left), "url": "", "note": ""},
    ]


def _chart(segment: Segment, now: datetime) -> Chart | None:
    sizes = history.sizes(segment, now, DAYS)
    return Chart("sizes", "area", (_("Day"), _("People")), tuple(sizes)) if len(sizes) > 1 else None


@allowed(Action.SEGMENT_VIEW)
@require_GET
def sizes_csv(_request: HttpRequest, segment_id: int) -> HttpResponse:
    """Give out the size by day."""
    segment = found(segment_id)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = _attached(segment, "csv")
    writer = csv.writer(answer)
    writer.writerow([_("Day"), _("People")])
    writer.writerows(history.sizes(segment, clock.now(), DAYS))
    return answer


def _attached(segment: Segment, ending: str) -> str:
    return f"attachment; filename=\"segment-{segment.pk}.{ending}\"; filename*=UTF-8''{quote(segment.label)}.{ending}"


@allowed(Action.SEGMENT_VIEW)
@require_GET
def as_json(_request: HttpRequest, segment_id: int) -> HttpResponse:
    """Give out the definition, to be pasted into the builder here or elsewhere."""
    segment = found(segment_id)
    answer = HttpResponse(json.dumps(segment.definition, ensure_ascii=False, indent=2), content_type="application/json")
    answer["Content-Disposition"] = _attached(segment, "json")
    return answer


@allowed(Action.SEGMENT_VIEW)
@require_GET
def progress(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Answer how far the count is, as a part of a page."""
    segment = found(segment_id)
    return render(request, "contacts/segments/progress.html", {"segment": segment, "done": True})


@allowed(Action.SEGMENT_VIEW)
@require_GET
def people(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show who is in it now, or was on a day (?on=)."""
    segment, user, on = found(segment_id), reader(request), request.GET.get("on", "")
    context: dict[str, Any] = {"segment": segment, "on": on, "by_hand": queries.decided_by_hand(segment, user)[:100]}
    try:
        condition = history.inside_on(segment.pk, date.fromisoformat(on)) if on else history.inside(segment.pk)
    except (ValueError, OverflowError):
        context["problem"] = _("“%(day)s” is no day. Write 2026-11-21.") % {"day": on[:20]}
        return render(request, "contacts/segments/people.html", context, status=400)
    members = Contact.objects.visible_to(user).filter(condition)
    context["page"] = page_by_name(members, request.GET.get("cursor", ""))
    return render(request, "contacts/segments/people.html", context)


@allowed(Action.SEGMENT_VIEW)
@require_GET
def versions(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show every rule the segment has had, newest first, each with what it changed."""
    segment = found(segment_id)
    kept = list(segment.versions.select_related("by").order_by("-number")[:100])
    rows = [_changed(version, before) for version, before in zip(kept, [*kept[1:], None], strict=True)]
    return render(request, "contacts/segments/versions.html", {"segment": segment, "versions": rows})


def _changed(version: SegmentVersion, before: SegmentVersion | None) -> dict[str, Any]:
    said = telling.of(version.definition)["sentence"]
    if before is None:
        return {"version": version, "pieces": [differing.Piece("same", said)], "lines": []}
    return {
        "version": version,
        "pieces": differing.of_words(telling.of(before.definition)["sentence"], said),
        "lines": differing.of_lines(before.definition, version.definition),
    }
