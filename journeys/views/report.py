"""What a journey brought, as a page and as a file."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from crm.kit.charts import Chart
from crm.kit.figures import money
from crm.team.permissions import Action, allowed
from journeys.graph.filled import fill
from journeys.results import report, telling
from journeys.results.behind import Behind
from journeys.results.figures import Figures, StepFigures, figures
from journeys.steps.kind import STEP_KINDS
from journeys.views.live import Looked, drawing, looked_at, page_context


@require_safe
@allowed(Action.JOURNEY_VIEW)
def show(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Show conversion, lift, revenue, time in steps, where people leave and their paths."""
    looked = looked_at(request, journey_id)
    found = figures(looked.journey, looked.stretch, looked.version)
    names = _names(looked, found)
    graph = drawing(looked)
    context = page_context(looked) | {
        "goal_days": graph.rules.goal_days,
        "has_goal": graph.rules.goal is not None or any(step.kind == "goal" for step in graph.steps),
        "conversions": [_conversion(row) for row in report.conversions(looked.journey.pk, looked.stretch)],
        "revenue": [
            (money(row.amount, row.currency), row.orders)
            for row in report.revenue(looked.journey.pk, looked.stretch, looked.version)
        ],
        "rows": _rows(looked, found, names),
        "chart": _chart(looked, found, names),
        "csv_url": reverse("journeys:journey-paths", args=[looked.journey.pk]) + "?" + request.GET.urlencode(),
    }
    return render(request, "journeys/results/report.html", context)


@require_safe
@allowed(Action.JOURNEY_VIEW)
def paths(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Send the paths as a CSV file that Excel opens in any language."""
    looked = looked_at(request, journey_id)
    found = figures(looked.journey, looked.stretch, looked.version)
    chart = _chart(looked, found, _names(looked, found))
    lines = io.StringIO()
    csv.writer(lines).writerows([chart.columns, *chart.rows])
    response = HttpResponse("\ufeff" + lines.getvalue(), content_type="text/csv; charset=utf-8")
    name = _("paths-%(name)s.csv") % {"name": looked.journey.name}
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _conversion(row: report.Conversion) -> dict[str, Any]:
    added = row.lift
    words: dict[str, Any] | None = None
    if added is not None:
        words = {name: points(getattr(added, name)) for name in ("difference", "low", "high")}
        words["is_certain"] = added.is_certain
    names = ("number", "led", "converted", "share", "held", "held_share")
    shown = {name: getattr(row, name) for name in names}
    return shown | {"added": words}


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    number = formats.number_format(abs(difference * 100), decimal_pos=1)
    sign = "−" if difference < 0 else "+"
    return _("%(number)s points") % {"number": f"{sign}{number}"}


def _names(looked: Looked, found: Figures) -> dict[str, str]:
    """Return what each step is called; of a step of an older version, its kind."""
    drawn = {each.step.key: each.step.name or each.said for each in fill(drawing(looked)).steps}
    older = {key: one.kind for key, one in found.steps.items() if key not in drawn}
    return drawn | {key: str(STEP_KINDS[kind].label) if kind in STEP_KINDS else key for key, kind in older.items()}


def _chart(looked: Looked, found: Figures, names: dict[str, str]) -> Chart:
    flows = report.flows(looked.journey, looked.stretch, looked.version, found.entered)
    rows = tuple(report.ribbons(flows, names))
    return Chart("paths", "sankey", (pgettext("flow", "From"), pgettext("flow", "To"), _("People")), rows)


def _rows(looked: Looked, found: Figures, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return each step with who came and left there, and how long people stayed."""
    stays = report.stays(looked.journey.pk, looked.stretch, looked.version)
    order = [*(key for key in names if key in found.steps)]
    return [_row(found.steps[key], names[key], stays.get(key), looked.about) for key in order]


def _row(step: StepFigures, name: str, stay: report.Stay | None, about: Behind) -> dict[str, Any]:
    left = sum(step.lost.values())
    return {
        "name": name,
        "came": step.came,
        "left": telling.figure(left, replace(about, key=step.key, what="left")),
        "share": left / step.came if step.came else None,
        "median": span(stay.median) if stay else "",
        "ninth": span(stay.ninth) if stay else "",
    }


def span(time: timedelta) -> str:
    """Return a length of time in the unit that fits, rounded: 3 days, 5 hours, 12 minutes, less than a minute."""
    minutes = time.total_seconds() / 60
    if minutes < 1:
        return _("less than a minute")
    if round(minutes) < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", round(minutes)) % {"n": round(minutes)}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = round(minutes / 1_440)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
