"""The check before sending: to whom, who is left out, the inbox line, real mails; then launch or schedule."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from campaigns.campaign import launch
from campaigns.campaign.audience import people, preview
from campaigns.campaign.errors import LaunchRefused, WrongState
from campaigns.campaign.forms import ScheduleForm
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.campaign.results import shown_counts
from campaigns.campaign.sample import NotReady, sample
from campaigns.senders.trial.trial import trial_of
from campaigns.templating.answers import MAIL_POLICY
from campaigns.templating.errors import TemplateError
from campaigns.templating.publish import checks
from contacts.people.models import Contact
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader

_SAMPLES = 5


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def check(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show all that is to be known before a campaign leaves."""
    campaign = get_object_or_404(Campaign.objects.select_related("sender", "template"), pk=campaign_id)
    if campaign.state != CampaignState.DRAFT:
        return redirect("campaigns:campaign", campaign_id)
    return _page(request, campaign, ScheduleForm())


def _page(request: HttpRequest, campaign: Campaign, form: ScheduleForm, status: int = 200) -> HttpResponse:
    now, user = clock.now(), reader(request)
    receivers = people(campaign, "", user, now)
    samples = list(receivers.order_by("pk")[:_SAMPLES])
    shown = next((one for one in samples if str(one.pk) == request.GET.get("person")), samples[0] if samples else None)
    version = launch.latest_version(campaign)
    context = {
        "campaign": campaign,
        "obstacles": [problem.message for problem in launch.problems(campaign, now)],
        "preview": shown_counts(preview(campaign, now)),
        "findings": checks(version, receivers) if version else [],
        "samples": samples,
        "shown": shown,
        "inbox": _inbox(campaign, shown),
        "schedule_form": form,
        "sender_test": trial_of(campaign.sender) if campaign.sender else None,
    }
    return render(request, "campaigns/preflight.html", context, status=status)


def _inbox(campaign: Campaign, contact: Contact | None) -> dict[str, str]:
    """Return the line of the inbox for one person; empty while there is no mail to show."""
    if contact is None:
        return {}
    try:
        mail = sample(campaign, contact, clock.now())
    except (NotReady, TemplateError):
        return {}
    return {"subject": mail.subject, "preheader": mail.preheader}


@require_safe
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
@allowed(Action.CAMPAIGN_VIEW)
def sample_mail(request: HttpRequest, campaign_id: int, contact_id: int) -> HttpResponse:
    """Show the mail as one person would get it, in a frame that can do nothing."""
    campaign = get_object_or_404(Campaign.objects.select_related("sender", "template"), pk=campaign_id)
    contact = get_object_or_404(Contact.objects.visible_to(reader(request)), pk=contact_id)
    try:
        return HttpResponse(sample(campaign, contact, clock.now()).html)
    except NotReady as error:
        raise Http404 from error
    except TemplateError as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8")


@require_POST
@allowed(Action.CAMPAIGN_LAUNCH)
def send_now(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Launch a campaign; asked twice it launches once."""
    campaign = get_object_or_404(Campaign, pk=campaign_id)
    if campaign.state == CampaignState.DRAFT and request.POST.get("version") != str(campaign.version):
        messages.error(request, _("Somebody changed this campaign since you checked it. Check it once more."))
        return redirect("campaigns:campaign-check", campaign_id)
    try:
        launch.launch(campaign_id, by=reader(request), now=clock.now())
    except LaunchRefused as refused:
        for problem in refused.problems:
            messages.error(request, problem.message)
        return redirect("campaigns:campaign-check", campaign_id)
    except WrongState:
        messages.error(request, _("This campaign cannot be sent any more."))
    return redirect("campaigns:campaign", campaign_id)


@require_POST
@allowed(Action.CAMPAIGN_LAUNCH)
def schedule(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Plan the launch."""
    campaign = get_object_or_404(Campaign.objects.select_related("sender", "template"), pk=campaign_id)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            launch.schedule(campaign_id, form.cleaned_data["at"], by=reader(request), now=clock.now())
        except LaunchRefused as refused:
            for problem in refused.problems:
                form.add_error("at", problem.message)
        except WrongState:
            return redirect("campaigns:campaign", campaign_id)
        else:
            return redirect("campaigns:campaign", campaign_id)
    return _page(request, campaign, form, status=422)
