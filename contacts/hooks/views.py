"""Pages of webhooks under Set-up: all of them, one with its deliveries, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import Invalid, StaleEdit
from contacts.hooks import kept, queries, replaying, subscribing
from contacts.hooks.forms import HookForm, ReplayForm
from contacts.hooks.models import Hook, HookDelivery
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed, reader


@require_safe
@allowed(Action.WEBHOOK_EDIT)
def overview(request: HttpRequest) -> HttpResponse:
    """Show all webhooks with how they do."""
    return render(request, "contacts/hooks/list.html", {"hooks": queries.hooks()})


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.WEBHOOK_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Set one up; its secret is shown now and never again."""
    form = HookForm(request.POST or None, initial={"owner_id": reader(request).pk})
    if request.method == "POST" and form.is_valid():
        try:
            hook = subscribing.create(form.wanted(), now=clock.now())
        except Invalid as error:
            form.blame(error.errors)
        else:
            return _page(request, hook, secret=hook.secret, status=201)
    return render(request, "contacts/hooks/edit.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@allowed(Action.WEBHOOK_EDIT)
def webhook(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Show one with its deliveries."""
    return _page(request, get_object_or_404(Hook, pk=hook_id))


def _page(request: HttpRequest, hook: Hook, *, status: int = 200, **more: Any) -> HttpResponse:
    state = request.GET.get("state", "")
    context = {
        "hook": get_object_or_404(queries.hooks(), pk=hook.pk),
        "page": queries.log(hook, state, request.GET.get("cursor", "")),
        "state": state,
        "days": kept.KEPT.days,
        "resting": queries.is_resting(hook, clock.now()),
        "replay": ReplayForm(),
        **more,
    }
    response = render(request, "contacts/hooks/hook.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.WEBHOOK_EDIT)
def edit(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Change one."""
    hook = get_object_or_404(Hook, pk=hook_id)
    if request.method != "POST":
        return render(request, "contacts/hooks/edit.html", {"form": HookForm.of(hook), "hook": hook})
    form = HookForm(locking.chosen(request.POST))
    if form.is_valid() and "further" not in request.POST:
        try:
            subscribing.change(hook.pk, form.wanted(), version=form.at_version())
        except Invalid as error:
            form.blame(error.errors)
        except StaleEdit:
            return _stale(request, form, Hook.objects.get(pk=hook.pk))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:webhook", hook.pk)
    status = 422 if form.errors else 200
    return render(request, "contacts/hooks/edit.html", {"form": form, "hook": hook}, status=status)


def _stale(request: HttpRequest, form: HookForm, current: Hook) -> HttpResponse:
    place, back = (reverse(f"contacts:{name}", args=[current.pk]) for name in ("webhook-edit", "webhook"))
    return locking.merge_page(request, form, HookForm.of(current), Thing(current.name, current.version, place, back))


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def secret(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Give it a new secret and show it, now and never again."""
    hook = subscribing.renew_secret(get_object_or_404(Hook, pk=hook_id).pk, now=clock.now())
    return _page(request, hook, secret=hook.secret, renewed=True)


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def pause(request: HttpRequest, hook_id: int) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Hold its calls back."""
    hook = get_object_or_404(Hook, pk=hook_id)
    subscribing.pause(hook.pk)
    return redirect("contacts:webhook", hook.pk)


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def go_on(request: HttpRequest, hook_id: int) -> HttpResponse:  # noqa: ARG001
    """Have it called again."""
    hook = get_object_or_404(Hook, pk=hook_id)
    subscribing.go_on(hook.pk, now=clock.now())
    return redirect("contacts:webhook", hook.pk)


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def send_test(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Have a trial call made."""
    hook = get_object_or_404(Hook, pk=hook_id)
    subscribing.send_test(hook, now=clock.now())
    messages.success(request, _("The test is on its way: its answer appears below in a moment. Load the page again."))
    return redirect("contacts:webhook", hook.pk)


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def delete(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Delete it."""
    hook = get_object_or_404(Hook, pk=hook_id)
    subscribing.delete(hook.pk)
    messages.success(request, _("“%(label)s” is deleted.") % {"label": hook.name})
    return redirect("contacts:webhooks")


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def replay(request: HttpRequest, hook_id: int) -> HttpResponse:
    """Make the deliveries of a range of time once more."""
    hook = get_object_or_404(Hook, pk=hook_id)
    form = ReplayForm(request.POST)
    if form.is_valid():
        try:
            count = replaying.replay_range(hook, **form.cleaned_data, now=clock.now())
        except Invalid as error:
            for name, text in error.errors.items():
                form.add_error(name, text)
        else:
            text = ngettext("%(n)d delivery is made once more.", "%(n)d deliveries are made once more.", count)
            messages.success(request, text % {"n": count})
            return redirect("contacts:webhook", hook.pk)
    return _page(request, hook, replay=form, status=422)


@require_POST
@allowed(Action.WEBHOOK_EDIT)
def replay_one(request: HttpRequest, hook_id: int, delivery_id: int) -> HttpResponse:
    """Make one delivery once more."""
    delivery = get_object_or_404(HookDelivery, pk=delivery_id, hook_id=hook_id)
    if replaying.replay(delivery, now=clock.now()):
        messages.success(request, _("The delivery is made once more."))
    else:
        messages.warning(request, _("This delivery is not over yet, or was a test."))
    return redirect("contacts:webhook", hook_id)
