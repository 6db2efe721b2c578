"""Settings pages of the stage models: which there are with their rules, and putting one in use."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contacts.errors import Invalid
from contacts.stages import choice
from contacts.stages.models import Stage, StageModel
from contacts.stages.words import described
from crm.kit import clock
from crm.team.permissions import allowed, reader


@allowed("stage.edit")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the stage models and which one is in use."""
    models = StageModel.objects.prefetch_related("stages__rule__exit_to").order_by("-in_use", "id")
    rows = [(model, [described(stage) for stage in model.stages.all()]) for model in models]
    sweeping = any(model.sweep_from is not None for model in models)
    return render(request, "contacts/stage_models.html", {"rows": rows, "sweeping": sweeping})


@allowed("stage.edit")
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, model_id: int) -> HttpResponse:
    """Say what becomes of the people at each stage (GET), then put another model in use (POST)."""
    model = get_object_or_404(StageModel, pk=model_id)
    error = ""
    if request.method == "POST":
        try:
            moved = choice.use(model, _mapping(request), by=reader(request), now=clock.now())
        except Invalid as problem:
            error = str(problem)
        else:
            words = ngettext("%(n)d person was moved.", "%(n)d people were moved.", moved) % {"n": moved}
            messages.success(request, _("“%(name)s” is in use.") % {"name": model.label} + " " + words)
            return redirect("contacts:stage-models")
    context = {"model": model, "stages": list(model.stages.all()), "old": _held(model), "error": error}
    return render(request, "contacts/stage_model_choose.html", context, status=400 if error else 200)


def _held(model: StageModel) -> Sequence[Stage]:
    """Return the stages of other models that hold people, each with `people` and the `suggested` new stage."""
    living = Count("contacts", filter=Q(contacts__merged_into=None))
    held = list(
        Stage.objects.exclude(model=model).annotate(people=living).filter(people__gt=0).order_by("model", "position")
    )
    new = list(model.stages.all())
    for stage in held:
        siblings = list(Stage.objects.filter(model=stage.model_id))
        stage.suggested = choice.suggested(siblings, new)[stage.pk]  # type: ignore[attr-defined]  # for the template
    return held


def _mapping(request: HttpRequest) -> dict[int, int]:
    keys = [key for key in request.POST if key.startswith("stage-")]
    pairs = [(key.removeprefix("stage-"), request.POST.get(key, "")) for key in keys]
    return {int(old): int(new) for old, new in pairs if old.isdecimal() and new.isdecimal()}
