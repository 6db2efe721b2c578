"""The rep's pages: my leads, leads to take, a tap for the outcome, a person added on the way."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import AddressTaken, Invalid
from contacts.leads import queries
from contacts.leads.forms import OutcomeForm, QuickAddForm
from contacts.leads.models import Outcome
from contacts.leads.outcome import note_outcome
from contacts.leads.quick_add import add_person
from contacts.leads.taking import take
from contacts.people.models import Contact, ContactQuerySet
from contacts.people.views.door import to_change
from contacts.scoring.heat import default_model
from contacts.scoring.models import ScoreModel
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader

MANY = 999  # more are not counted on a tab

_TABS = {"mine": queries.mine, "unowned": queries.unowned_hot, "later": queries.put_off}
_ONLY = {"uncalled": queries.uncalled, "due": queries.due}  # parts of "mine", opened from home


@require_safe
@allowed(Action.LEAD_WORK)
def lead_list(request: HttpRequest, tab: str = "mine") -> HttpResponse:
    """Show my leads by heat (with `only` a part of them), those nobody has, or those to come back to."""
    user, now, model = reader(request), clock.now(), default_model()
    only = request.GET.get("only", "") if tab == "mine" else ""
    people: ContactQuerySet = _ONLY.get(only, _TABS[tab])(user, model, now)
    page = queries.lead_page(people, model, now, cursor=request.GET.get("cursor", ""))
    return render(
        request,
        "contacts/lead_list.html",
        {
            "page": page,
            "tab": tab,
            "only": only if only in _ONLY else "",
            "tabs": _tabs(user, tab, model, now),
            "now": now,
            "outcomes": Outcome,
            "token": uuid4,
            "tomorrow": _tomorrow(now),
            "unowned_url": reverse("contacts:leads-unowned"),
            "add_url": reverse("contacts:lead-add"),
            "has_people": page.rows or Contact.objects.visible_to(user).filter(owner=user).exists(),
        },
    )


def _tabs(user: User, current: str, model: ScoreModel, now: datetime) -> list[dict[str, object]]:
    names = {"mine": _("My leads"), "unowned": _("To take"), "later": _("Later")}
    urls = {"mine": "contacts:leads", "unowned": "contacts:leads-unowned", "later": "contacts:leads-later"}
    return [
        {
            "label": names[key],
            "url": reverse(urls[key]),
            "current": key == current,
            **_counted(query(user, model, now)),
        }
        for key, query in _TABS.items()
    ]


def _counted(people: ContactQuerySet) -> dict[str, object]:
    """Return `count`, and `more` when there are more than are counted."""
    found = people.order_by()[: MANY + 1].count()
    return {"count": min(found, MANY), "more": found > MANY}


@require_POST
@allowed(Action.LEAD_WORK)
def outcome(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Note what came of a call; with htmx the card itself says so."""
    user, now = reader(request), clock.now()
    contact = to_change(request, contact_id)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Choose what came of it."))
    data = form.cleaned_data
    try:
        note_outcome(contact_id, data["outcome"], due_on=data["due_on"], by=user, now=now, token=data["token"])
    except Invalid as error:
        return _refused(request, contact, error, now)
    said = _("%(name)s: %(outcome)s, noted.") % {"name": contact, "outcome": Outcome(data["outcome"]).label}
    if request.headers.get("HX-Request"):
        return render(request, "contacts/lead_noted.html", {"said": said, "contact": contact})
    messages.success(request, said)
    return redirect(_back(request))


def _refused(request: HttpRequest, contact: Contact, error: Invalid, now: datetime) -> HttpResponse:
    problem = " ".join(error.errors.values())
    if request.headers.get("HX-Request"):
        lead = queries.lead_of(contact, now)
        context = {
            "lead": lead,
            "problem": problem,
            "now": now,
            "outcomes": Outcome,
            "token": uuid4,
            "later_open": True,
        }
        context["tomorrow"] = _tomorrow(now)
        return render(request, "contacts/lead_card.html", context, status=422)
    messages.error(request, problem)
    return redirect(_back(request))


@require_POST
@allowed(Action.LEAD_TAKE)
def take_lead(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Make the reader the owner of a person nobody has; tell her when somebody was faster."""
    user = reader(request)
    contact = to_change(request, contact_id)
    if take(contact_id, by=user, now=clock.now()):
        messages.success(request, _("%(name)s is your lead now.") % {"name": contact})
    else:
        owner = Contact.objects.select_related("owner").get(pk=contact_id).owner
        messages.warning(request, _("%(owner)s was faster and has this lead.") % {"owner": owner})
    return redirect(_back(request))


@allowed(Action.CONTACT_ADD)
def quick_add(request: HttpRequest) -> HttpResponse:
    """Add a person with a few words, consent and its proof included."""
    form = QuickAddForm(request.POST or None, initial={"token": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            contact_id = add_person(form.cleaned_data, by=reader(request), now=clock.now())
        except AddressTaken as taken:
            form.add_error("email", _taken(reader(request), taken.contact_id))
        except Invalid as error:
            for field, problem in error.errors.items():
                form.add_error(field if field in form.fields else None, problem)
        else:
            messages.success(request, _("%(name)s was added.") % {"name": form.cleaned_data["name"]})
            return redirect("contacts:person", contact_id)
    return render(request, "contacts/lead_add.html", {"form": form}, status=422 if form.is_bound else 200)


def _taken(reader: User, contact_id: int) -> str:
    known = Contact.objects.visible_to(reader).filter(pk=contact_id).first()
    if known:
        return _("%(name)s has this address and is among your people already.") % {"name": known}
    return _("Somebody else already looks after a person with this address.")


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, None) else reverse("contacts:leads")


def _tomorrow(now: datetime) -> date:
    return timezone.localdate(now) + timedelta(days=1)
