"""The health page of admins, with its two buttons."""

from celery import current_app
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from crm.home.health import report, restored
from crm.kit import clock
from crm.team import hold
from crm.team.permissions import Action, allowed


@require_safe
@allowed(Action.HEALTH_VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """Show how the install is."""
    return render(request, "home/health.html", {"report": report.report(clock.now())})


@require_POST
@allowed(Action.SETTINGS_EDIT)
def retry(request: HttpRequest) -> HttpResponse:
    """Have work of one kind that was given up done once more."""
    try:
        count = report.retry(request.POST.get("kind", ""), clock.now())
    except KeyError as error:
        raise Http404 from error
    text = ngettext("%(n)d task is tried once more.", "%(n)d tasks are tried once more.", count)
    messages.success(request, text % {"n": count})
    return redirect("health")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.SETTINGS_EDIT)
def restored_page(request: HttpRequest) -> HttpResponse:
    """Show what waits on a restored database; POST lets it go."""
    if request.method == "POST":
        if restored.let_go():
            messages.success(request, _("This database sends again. Workers take up what waits within a minute."))
        return redirect("health")
    context = {"held": hold.is_held(), "waiting": restored.waiting(clock.now())}
    return render(request, "home/restored.html", context)


@require_POST
@allowed(Action.SETTINGS_EDIT)
def wake(request: HttpRequest) -> HttpResponse:
    """Let workers look for all work that is due, as the clock does."""
    plan = current_app.conf.beat_schedule.items()
    sweeps = [name for name, entry in plan if entry["schedule"] == settings.SWEEP_SECONDS]
    try:
        for name in sweeps:
            current_app.send_task(name, retry=False)
    except OperationalError:
        messages.error(request, _("The broker does not answer. Start it, then workers find their work by themselves."))
    else:
        messages.success(request, _("Workers look for work now."))
    return redirect("health")
