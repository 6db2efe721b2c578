"""The rule of a stage: its conditions in the builder, its place among others, and who would move before it is saved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.errors import Invalid, StaleEdit
from contacts.segments.errors import BadRule
from contacts.segments.views.catalogue import catalogue
from contacts.segments.views.words import icons, words
from contacts.stages import rules
from contacts.stages.forms import RuleForm, SideForm
from contacts.stages.models import Stage, StageRule
from contacts.stages.preview import Preview, preview
from contacts.stages.rules import SIDES, RuleDraft
from contacts.stages.words import described
from crm.kit import clock, locking
from crm.kit.locking import Lockable, Thing
from crm.team.permissions import Action, allowed, reader


@allowed(Action.STAGE_EDIT)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Show a stage's rule in words and change how it competes with those of other stages."""
    stage, rule = _found(stage_id)
    if request.method == "GET":
        return _settings_page(request, stage, RuleForm.of(rule, stage))
    typed = locking.chosen(request.POST)
    form = RuleForm(typed, instance=StageRule(stage=stage), stage=stage)
    if not form.is_valid() or "back" in request.POST or "further" in request.POST:
        return _settings_page(request, stage, form, status=200 if form.is_valid() else 400)
    data = form.cleaned_data
    place = {name: data[name] for name in ("exit_to", "priority", "moves_back", "minimum_days")}
    try:
        return _reviewed_or_saved(request, stage, RuleDraft(rule.entry, rule.exit, **place), form.at_version(), typed)
    except StaleEdit:
        return _stale(request, form, lambda now: RuleForm.of(now, stage), stage, "contacts:stage-rule")
    except (Invalid, BadRule) as error:
        for name, text in error.errors.items() if isinstance(error, Invalid) else [(None, str(error))]:
            form.add_error(name, text)
        return _settings_page(request, stage, form, status=400)


@allowed(Action.STAGE_EDIT)
@require_http_methods(["GET", "POST"])
def side(request: HttpRequest, stage_id: int, side: str) -> HttpResponse:
    """Build the conditions under which people enter a stage, or are through with it; empty means no such rule."""
    if side not in SIDES:
        raise Http404
    stage, rule = _found(stage_id)
    if request.method == "GET":
        return _builder(request, stage, side, SideForm.of(rule, side))
    typed = _typed(request)
    form = SideForm(typed)
    if not form.is_valid() or "back" in request.POST or "further" in request.POST:
        return _builder(request, stage, side, form, status=200 if form.is_valid() else 400)
    definition = None if "without" in typed else form.cleaned_data["definition"] or None
    draft = _draft(rule)
    draft = replace(draft, entry=definition) if side == "entry" else replace(draft, exit=definition)
    try:
        return _reviewed_or_saved(request, stage, draft, form.at_version(), typed)
    except StaleEdit:
        return _stale(request, form, lambda now: SideForm.of(now, side), stage, "contacts:stage-rule-side", side)
    except BadRule as error:
        return _builder(request, stage, side, form, status=400, problems=[str(one) for one in error.problems])
    except Invalid as error:
        return _builder(request, stage, side, form, status=400, problems=[str(error)])


def _typed(request: HttpRequest) -> QueryDict:
    """Return the conditions that were typed or chosen; who takes those of another does not go without."""
    typed = locking.chosen(request.POST)
    if request.POST.get(f"{locking.TAKE}definition") == "theirs":
        typed.pop("without", None)
    return typed


def _stale[F: Lockable](
    request: HttpRequest, form: F, stored: Callable[[StageRule], F], stage: Stage, url_name: str, *side: str
) -> HttpResponse:
    rule = rules.rule_of(stage)
    place, back = reverse(url_name, args=[stage.pk, *side]), reverse("contacts:stage-rule", args=[stage.pk])
    return locking.merge_page(request, form, stored(rule), Thing(stage.label, rule.version, place, back))


def _found(stage_id: int) -> tuple[Stage, StageRule]:
    stage = get_object_or_404(Stage.objects.select_related("model"), pk=stage_id)
    return stage, rules.rule_of(stage)


def _draft(rule: StageRule) -> RuleDraft:
    return RuleDraft(rule.entry, rule.exit, rule.exit_to, rule.priority, rule.moves_back, rule.minimum_days)


def _reviewed_or_saved(
    request: HttpRequest, stage: Stage, draft: RuleDraft, version: int, typed: QueryDict
) -> HttpResponse:
    """Say who would move; save when that was seen, or when nobody can move since the model is not in use."""
    if ("confirmed" in request.POST and "merge" not in request.POST) or not stage.model.in_use:
        rules.save(stage, draft, version=version, now=clock.now())
        messages.success(request, _("Saved. Whoever it concerns is moved within a few seconds."))
        return redirect("contacts:stage-rule", stage.pk)
    opened = [(locking.VERSION, str(version)), (locking.SEEN, typed.get(locking.SEEN, ""))]
    kept = [*opened, *locking.typed_again(typed)]
    context = {
        "stage": stage,
        "kept": [pair for pair in kept if pair[0] != "confirmed"],
        "preview": _preview(request, stage, draft),
    }
    return render(request, "contacts/stage_rule_review.html", context)


def _preview(request: HttpRequest, stage: Stage, draft: RuleDraft) -> Preview | None:
    """Return who would move, None when that takes too long to find out."""
    try:
        return preview(stage, draft, user=reader(request), now=clock.now())
    except OperationalError:
        return None


def _settings_page(request: HttpRequest, stage: Stage, form: RuleForm, status: int = 200) -> HttpResponse:
    fresh = Stage.objects.select_related("model", "rule__exit_to").get(pk=stage.pk)
    context = {"stage": fresh, "row": described(fresh), "form": form}
    return render(request, "contacts/stage_rule.html", context, status=status)


def _builder(
    request: HttpRequest, stage: Stage, side: str, form: SideForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "stage": stage,
        "is_entry": side == "entry",
        "form": form,
        "catalogue": catalogue(),
        "words": words(),
        "icons": icons(),
        "dirty": form.is_bound,
    }
    return render(request, "contacts/stage_rule_side.html", context | more, status=status)
