"""The page of score rules: what earns points, how long they count, and who would be hot; points given by hand."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import StaleEdit
from contacts.ledger.conditions import parse
from contacts.ledger.kinds import words_of
from contacts.people.models import Contact
from contacts.people.views.door import to_change
from contacts.scoring import rules
from contacts.scoring.forms import GiveForm, ModelForm, RuleForm
from contacts.scoring.given import give
from contacts.scoring.heat import by_heat, default_model, hot
from contacts.scoring.models import ScoreRule
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed, reader


@require_safe
@allowed(Action.REPORT_VIEW)
def rule_list(request: HttpRequest) -> HttpResponse:
    """Show the rules, the thresholds and how many people are hot now."""
    return _page(request, ModelForm.of(default_model()))


def _page(request: HttpRequest, form: ModelForm, status: int = 200) -> HttpResponse:
    model, now = default_model(), clock.now()
    people = Contact.objects.visible_to(reader(request))
    rows = [
        {
            "rule": rule,
            "kind": words_of(rule.kind),
            "conditions": [str(condition) for condition in parse(rule.conditions)],
            "cap": _cap(rule),
        }
        for rule in model.rules.all()
    ]
    context = {"model": model, "rows": rows, "form": form, "hot": hot(people, model, now).count()}
    context["scored"] = by_heat(people, model).count()
    return render(request, "contacts/score_rules.html", context, status=status)


def _cap(rule: ScoreRule) -> str:
    if rule.cap_times is None:
        return _("every time")
    times = ngettext("at most once %(period)s", "at most %(times)d times %(period)s", rule.cap_times)
    return times % {"times": rule.cap_times, "period": rule.get_cap_period_display()}


@require_POST
@allowed(Action.SCORE_EDIT)
def edit_model(request: HttpRequest) -> HttpResponse:
    """Change half-life and thresholds; all scores follow."""
    model = default_model()
    form = ModelForm(locking.chosen(request.POST), instance=default_model())
    if not form.is_valid() or "further" in request.POST:
        return _page(request, form, status=200 if form.is_valid() else 422)
    values = {name: form.cleaned_data[name] for name in ("half_life", "warm_at", "hot_at", "account_by")}
    try:
        rules.change_model(model.pk, values, version=form.at_version())
    except StaleEdit:
        current, place = default_model(), reverse("contacts:score-rules")
        thing = Thing(_("Lead scores"), current.version, reverse("contacts:score-model"), place)
        return locking.merge_page(request, form, ModelForm.of(current), thing)
    return _counted_anew(request)


@allowed(Action.SCORE_EDIT)
def edit_rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """Add or change one rule."""
    rule = get_object_or_404(ScoreRule, pk=rule_id) if rule_id else None
    if request.method != "POST":
        return render(request, "contacts/score_rule.html", {"form": RuleForm.of(rule), "rule": rule})
    form = RuleForm(locking.chosen(request.POST), instance=rule)
    if not form.is_valid() or "further" in request.POST:
        status = 200 if form.is_valid() else 422
        return render(request, "contacts/score_rule.html", {"form": form, "rule": rule}, status=status)
    try:
        _store(rule, form.cleaned_data)
    except StaleEdit as stale:
        return _stale_rule(request, form, stale.current)
    return _counted_anew(request)


def _stale_rule(request: HttpRequest, form: RuleForm, current: object) -> HttpResponse:
    assert isinstance(current, ScoreRule)
    place, back = reverse("contacts:score-rule", args=[current.pk]), reverse("contacts:score-rules")
    return locking.merge_page(request, form, RuleForm.of(current), Thing(current.name, current.version, place, back))


def _store(rule: ScoreRule | None, data: dict[str, Any]) -> None:
    names = ("name", "kind", "points", "cap_times", "cap_period", "active", "conditions")
    values = {name: data[name] for name in names}
    if rule is None:
        rules.add_rule(default_model(), values)
    else:
        rules.change_rule(rule.pk, values, version=data["version"] or 0)


@require_POST
@allowed(Action.SCORE_EDIT)
def delete_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Delete a rule with the points it gave."""
    rules.delete_rule(rule_id)
    return _counted_anew(request)


def _counted_anew(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved. All scores are being counted anew from what happened."))
    return redirect("contacts:score-rules")


@allowed(Action.SCORE_EDIT)
def give_points(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Give one person points, or take them, with a reason; her score follows within moments."""
    contact = to_change(request, contact_id)
    form = GiveForm(request.POST or None, initial={"token": uuid4()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by, now = reader(request), clock.now()
        give(contact.pk, default_model(), data["points"], data["reason"], by=by, now=now, token=data["token"])
        messages.success(request, _("Noted. The score of %(name)s follows in a moment.") % {"name": contact})
        return redirect("contacts:person", contact.pk)
    context = {"form": form, "contact": contact}
    return render(request, "contacts/score_give.html", context, status=422 if form.is_bound else 200)
