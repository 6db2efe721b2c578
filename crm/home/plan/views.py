"""The page of the plan beside the real flow, its figures as a file, and the form of one stage's plan."""

import csv
import io

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from crm.home.plan import editing, reading
from crm.home.plan.forms import PlanForm
from crm.kit import clock, locking
from crm.team.permissions import allowed, reader

DEFAULT_DAYS = 90


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", str(DEFAULT_DAYS))
    if asked not in map(str, reading.WINDOWS):
        raise BadRequest(_("This stretch of time is not offered."))
    return int(asked)


@allowed("report.view")
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Show what is planned for each stage in use, and the flow between them."""
    user, days, stages = reader(request), _days(request), stages_in_use()
    flows = reading.real_flows(user, stages, days, clock.now())
    context = {
        "stages": reading.planned(user, stages),
        "flows": flows,
        "chart": reading.chart(flows),
        "days": days,
        "windows": reading.WINDOWS,
        "csv_url": f"{reverse('plan-flow')}?days={days}",
    }
    return render(request, "home/plan/plan.html", context)


@allowed("report.view")
@require_safe
def flow_csv(request: HttpRequest) -> HttpResponse:
    """Send the flow as a CSV file that Excel opens in any language."""
    flows = reading.real_flows(reader(request), stages_in_use(), _days(request), clock.now())
    lines = io.StringIO()
    rows = [(flow.origin or _("No stage"), flow.to, flow.people) for flow in flows]
    csv.writer(lines).writerows([(pgettext("flow", "From"), pgettext("flow", "To"), _("People")), *rows])
    response = HttpResponse("\ufeff" + lines.getvalue(), content_type="text/csv; charset=utf-8")
    name = content_disposition_header(as_attachment=True, filename=_("real-flow.csv"))
    response["Content-Disposition"] = name or ""
    return response


@allowed("stage.edit")
@require_http_methods(["GET", "POST"])
def stage_plan(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Show and save the plan of one stage."""
    stage = get_object_or_404(Stage, pk=stage_id)
    posted = locking.chosen(request.POST) if request.method == "POST" else None
    form = PlanForm(posted) if posted else PlanForm.of(editing.plan_of(stage))
    if posted and "further" not in posted and form.is_valid():
        version, team = form.at_version(), form.cleaned_data["team"]
        try:
            editing.save(stage, form.written(), team, version=version, by=reader(request), now=clock.now())
        except editing.StalePlan:
            return _stale(request, form, posted, stage)
        return redirect(f"{reverse('plan')}#stage-{stage.pk}")
    status = 400 if form.errors and "further" not in (posted or {}) else 200
    return render(request, "home/plan/edit.html", {"form": form, "stage": stage}, status=status)


def _stale(request: HttpRequest, form: PlanForm, posted: QueryDict, stage: Stage) -> HttpResponse:
    current = editing.plan_of(stage)
    context = locking.merge_context(form, PlanForm.of(current), posted, current.version)
    context |= {"heading": stage.label, "action": reverse("plan-stage", args=[stage.pk]), "back": reverse("plan")}
    return render(request, "merge_edits.html", context, status=409)
