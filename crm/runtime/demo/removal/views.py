"""The page that says what a removal of the demo data takes away and what stays, starts it, and shows how far it is."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from contacts.people.models import Contact
from crm.kit import clock
from crm.runtime.demo.removal import asking, plan
from crm.runtime.demo.removal.nouns import NOUNS
from crm.team import demo
from crm.team.permissions import Action, allowed, reader

_COUNTS = """
SELECT (SELECT count(*) FROM event WHERE contact_id = ANY(%(ids)s)),
       (SELECT count(*) FROM contacts_order WHERE contact_id = ANY(%(ids)s)),
       (SELECT count(*) FROM campaigns_message WHERE contact_id = ANY(%(ids)s))
"""
_WHY = {
    "changed": gettext_lazy("somebody of your team changed it"),
    "used": gettext_lazy("something of yours uses it"),
}
_LABELS = {noun.key: noun.label for noun in NOUNS}


@dataclass(frozen=True)
class KeptLine:
    """An object of the demo that stays, in words."""

    label: Any
    name: str
    why: Any


@allowed(Action.SETTINGS_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show what goes and what stays, or how far a removal is; POST starts it."""
    if request.method == "POST":
        return _start(request)
    job = asking.latest()
    if job and (job.is_open or not demo.is_there()):
        lines = [KeptLine(_LABELS.get(key, key), name, _WHY.get(why, why)) for key, name, why in job.kept]
        return render(request, "demo/removal.html", {"job": job, "kept": lines})
    if not demo.is_there():
        return render(request, "demo/removal.html", {})
    return render(request, "demo/removal.html", _before())


def _start(request: HttpRequest) -> HttpResponse:
    try:
        asking.request(by=reader(request), now=clock.now())
    except asking.NothingToRemove:
        messages.info(request, _("There is no demo data here."))
    except asking.NoOwnAdmin:
        messages.error(request, _("Add an admin of your own first: the demo’s log-ins are locked in the end."))
    return redirect("demo")


def _before() -> dict[str, Any]:
    """Return what the page says before: what goes, by number, and what stays."""
    found = plan.plan()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"ids": found.people})
        events, orders, mails = cursor.fetchone()
    going = [(_("People"), len(found.people)), (_("Activities"), events), (_("Orders"), orders), (_("Mails"), mails)]
    going += [(noun.label, len(found.going[noun.key])) for noun in NOUNS]
    return {
        "plan": found,
        "going": [(label, n) for label, n in going if n],
        "kept": [KeptLine(kept.noun.label, kept.name, _WHY[kept.why]) for kept in found.kept],
        "own_people": Contact.objects.live().exclude(pk__in=found.people).count(),
        "log_ins": plan.log_ins(),
        "has_own_admin": plan.has_own_admin(),
    }
