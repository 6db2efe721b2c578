"""The list of campaigns, and the draft with its live count of people."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.campaign import edit
from campaigns.campaign.audience import audience_from, counted
from campaigns.campaign.errors import StaleCampaign, WrongState
from campaigns.campaign.forms import CampaignForm, default_parameters
from campaigns.campaign.models import PEOPLE, Campaign, CampaignState
from campaigns.campaign.results import listed, shown_counts
from campaigns.templating.models import MailTemplate
from contacts.people.posted import once
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.kit.paging import keyset_page
from crm.team.permissions import Action, allowed, reader


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Show campaigns, the newest first, with what came of them."""
    q, state = request.GET.get("q", "").replace("\0", "").strip(), request.GET.get("state", "")
    found = Campaign.objects.all()
    if q:
        found = found.filter(name__icontains=q)
    if state in CampaignState.values:
        found = found.filter(state=state)
    page = keyset_page(found, ["-created_at", "-id"], cursor=request.GET.get("cursor", ""))
    context = {
        "page": listed(page),
        "search": q,
        "search_label": _("Search campaigns"),
        "state": state,
        "states": CampaignState.choices,
        "is_empty": not page.rows and not q and not state,
        "chips": [],
        "counted": ngettext("%(n)d campaign", "%(n)d campaigns", found.count()) % {"n": found.count()},
    }
    return render(request, "campaigns/campaign_list.html", context)


@allowed(Action.CAMPAIGN_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Make a draft; the form posted twice makes one."""
    initial: dict[str, Any] = {"token": uuid4(), **default_parameters()}
    form = CampaignForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        campaign_id = _made(form, request)
        messages.success(request, _("The draft is saved."))
        return redirect(_next(request), campaign_id)
    return _page(request, form, Campaign())


def _made(form: CampaignForm, request: HttpRequest) -> int:
    token = form.cleaned_data["token"] or uuid4()
    return once(token, lambda: edit.create(_fields(form), by=reader(request)).pk)[0]


@allowed(Action.CAMPAIGN_EDIT)
def change(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Change a draft; who comes second chooses between what is stored now and what she typed."""
    campaign = get_object_or_404(Campaign, pk=campaign_id)
    if campaign.state != CampaignState.DRAFT:
        return redirect("campaigns:campaign", campaign_id)
    if request.method != "POST":
        return _page(request, CampaignForm.of(campaign), campaign)
    form = CampaignForm(locking.chosen(request.POST), instance=campaign)
    if "further" in request.POST or not form.is_valid():
        return _page(request, form, Campaign.objects.get(pk=campaign_id), 200 if form.is_valid() else 422)
    try:
        edit.edit(campaign_id, form.at_version(), _fields(form))
    except StaleCampaign as stale:
        return _stale(request, form, stale.current)
    except WrongState:
        return redirect("campaigns:campaign", campaign_id)
    messages.success(request, _("The draft is saved."))
    return redirect(_next(request), campaign_id)


def _stale(request: HttpRequest, form: CampaignForm, current: Campaign) -> HttpResponse:
    place = reverse("campaigns:campaign-edit", args=[current.pk])
    thing = Thing(current.name, current.version, place, place)
    return locking.merge_page(request, form, CampaignForm.of(current), thing)


def _next(request: HttpRequest) -> str:
    return "campaigns:campaign-check" if request.POST.get("then") == "check" else "campaigns:campaign-edit"


def _page(request: HttpRequest, form: CampaignForm, campaign: Campaign, status: int = 422) -> HttpResponse:
    context = {"form": form, "campaign": campaign, "preview": None, "has_templates": MailTemplate.objects.exists()}
    return render(request, "campaigns/campaign_edit.html", context, status=status if form.is_bound else 200)


def _fields(form: CampaignForm) -> edit.CampaignFields:
    data = form.cleaned_data
    people = {name: tuple(row.pk for row in data[name]) for name in PEOPLE}
    return edit.CampaignFields(
        name=data["name"],
        sender_id=data["sender"].pk if data["sender"] else None,
        template_id=data["template"].pk if data["template"] else None,
        topic_id=data["topic"].pk if data["topic"] else None,
        subject=data["subject"],
        preheader=data["preheader"],
        link_parameters=data["link_parameters"],
        doubt=data["doubt"],
        **people,
    )


@require_POST
@allowed(Action.CAMPAIGN_EDIT)
def audience(request: HttpRequest) -> HttpResponse:
    """Count the people of what is chosen in the form, saved or not."""
    form = CampaignForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    chosen = {name: [row.pk for row in data.get(name) or []] for name in PEOPLE}
    topic = data.get("topic")
    found = audience_from(chosen, data.get("template"), clock.now(), topic_id=topic.pk if topic else None)
    counts = shown_counts(counted(found)) if found.is_chosen else None
    return render(request, "campaigns/audience_count.html", {"preview": counts})
