"""From a draft to a dispatch: what stands in the way, schedule, launch. Called by pages, the API and the scheduler.

A launch only checks and writes the dispatch with its links; the audience is frozen by a task (freeze.py).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.campaign.audience import anybody, audience_of, preview
from campaigns.campaign.errors import CampaignError, LaunchRefused, Problem, WrongState
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.campaign.wake import wake_freeze
from campaigns.rendering.mails import DispatchMails
from campaigns.senders.models import Sender
from campaigns.sending.models import Dispatch, LeftOut, Link
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import MailKind, TemplateVersion
from campaigns.templating.publish import Severity, checks, published
from contacts.segments.models import SegmentState
from crm.team import hold
from crm.team.models import User

BEING_COUNTED = "segment_counted"
_STARTABLE = (CampaignState.DRAFT, CampaignState.SCHEDULED)


def problems(campaign: Campaign, now: datetime) -> list[Problem]:
    """Return all that stands in the way of a launch; an empty list means that it may be launched."""
    version = latest_version(campaign)
    mail = mail_problems(version, campaign.subject, campaign.preheader)
    return [*sender_problems(campaign.sender), *mail, *_audience_problems(campaign, now)]


def latest_version(campaign: Campaign) -> TemplateVersion | None:
    """Return the version of the template that a launch would send."""
    return campaign.template.versions.order_by("-number").first() if campaign.template else None


def sender_problems(sender: Sender | None) -> list[Problem]:
    """Return why nothing may be sent in this sender's name; an empty list means that it may."""
    if sender is None:
        return [Problem("sender_missing", _("Choose who the mail comes from."))]
    found = []
    if sender.verified_at is None:
        message = _("The sender address %(email)s is not confirmed. Open the link in the mail we sent to it.")
        found.append(Problem("sender_unverified", message % {"email": sender.email}))
    details = [sender.name, sender.organisation, sender.postal_address, sender.phone]
    if not all(text.strip() for text in details):
        message = _("The law asks for the sender's name, organisation, postal address and phone. Complete the sender.")
        found.append(Problem("sender_incomplete", message))
    return found


def mail_problems(version: TemplateVersion | None, subject: str = "", preheader: str = "") -> list[Problem]:
    """Return why this version, with its subject and preheader replaced where given, may not be sent."""
    if version is None:
        return [Problem("mail_missing", _("Choose a mail template that has a saved version."))]
    found = [
        Problem(f"mail_{finding.code}", finding.message)
        for finding in checks(version)
        if finding.severity == Severity.ERROR
    ]
    return found + _opt_out_problems(version, subject, preheader)


def _opt_out_problems(version: TemplateVersion, subject: str, preheader: str) -> list[Problem]:
    """Advertising mail without a way out in both languages is never launched."""
    try:
        given = [
            published(version.pk, code, subject=subject, preheader=preheader) for code, _name in settings.LANGUAGES
        ]
    except TemplateError as error:
        return [Problem("mail_refused", str(error))]
    without = version.kind == MailKind.ADVERTISING and any(
        "unsubscribe_url" not in source for made in given for source in (made.html, made.text)
    )
    return [Problem("opt_out_missing", _("The mail has no unsubscribe link. Put the footer back."))] if without else []


def _audience_problems(campaign: Campaign, now: datetime) -> list[Problem]:
    if not audience_of(campaign, now).is_chosen:
        return [Problem("audience_missing", _("Choose at least one segment, list or tag."))]
    if unready := _unready_segments(campaign):
        return unready
    if anybody(campaign, now):
        return []
    counts = preview(campaign, now)
    reasons = ", ".join(f"{LeftOut(key).label}: {count}" for key, count in counts.items() if key and count)
    if not reasons:
        return [Problem("audience_empty", _("Nobody is in the chosen segments, lists and tags."))]
    message = _("Nobody would get this mail (%(reasons)s).") % {"reasons": reasons}
    return [Problem("audience_left_out", message)]


def _unready_segments(campaign: Campaign) -> list[Problem]:
    """Return a problem for each chosen segment whose people cannot be believed now, whether let in or kept out."""
    found = []
    for segment in (campaign.include_segments.all() | campaign.exclude_segments.all()).distinct().order_by("name"):
        if segment.state == SegmentState.BUILDING:
            message = _("The segment “%(name)s” is being counted. Wait until it is done.")
            found.append(Problem(BEING_COUNTED, message % {"name": segment.label}))
        elif not segment.is_ready:
            message = _("The segment “%(name)s” is broken: %(problem)s")
            found.append(Problem("segment_broken", message % {"name": segment.label, "problem": segment.problem}))
    return found


def schedule(campaign_id: int, at: datetime, *, by: User | None, now: datetime) -> Campaign:
    """Plan the launch for `at` (aware). Raises LaunchRefused, WrongState; a time gone by is refused too."""
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.state not in _STARTABLE:
            raise WrongState(campaign, "schedule")
        if at <= now:
            raise LaunchRefused([Problem("time_gone_by", _("This time has gone by. Choose a later one."))])
        _refuse(campaign, now)
        Campaign.objects.filter(pk=campaign_id).update(
            state=CampaignState.SCHEDULED, scheduled_at=at, launched_by=by, state_reason=""
        )
    return Campaign.objects.get(pk=campaign_id)


def unschedule(campaign_id: int) -> Campaign:
    """Make a scheduled campaign a draft again. Raises WrongState."""
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.state != CampaignState.SCHEDULED:
            raise WrongState(campaign, "unschedule")
        Campaign.objects.filter(pk=campaign_id).update(state=CampaignState.DRAFT, scheduled_at=None)
    return Campaign.objects.get(pk=campaign_id)


def launch(campaign_id: int, *, by: User | None, now: datetime) -> Dispatch:
    """Launch a campaign and return its dispatch; asked twice, it launches once. Raises LaunchRefused, WrongState."""
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.state not in _STARTABLE:
            return _launched(campaign)
        _refuse(campaign, now)
        dispatch = _dispatch(campaign, now)
        Campaign.objects.filter(pk=campaign_id).update(
            state=CampaignState.LAUNCHING, launched_at=now, launched_by=by or campaign.launched_by, state_reason=""
        )
        wake_freeze(dispatch.pk)
    return dispatch


def _locked(campaign_id: int) -> Campaign:
    return Campaign.objects.select_for_update(of=("self",)).select_related("sender", "template").get(pk=campaign_id)


def _launched(campaign: Campaign) -> Dispatch:
    dispatch = campaign.dispatches.order_by("pk").last()
    if dispatch is None or campaign.state == CampaignState.CANCELLED:
        raise WrongState(campaign, "launch")
    return dispatch


def _refuse(campaign: Campaign, now: datetime) -> None:
    if found := problems(campaign, now):
        raise LaunchRefused(found)


def _dispatch(campaign: Campaign, now: datetime) -> Dispatch:
    """Write the dispatch and the table of its links; compiling the mail proves that every worker can."""
    dispatch = drawn_up(campaign, now)
    if dispatch is None:
        raise WrongState(campaign, "launch")
    dispatch.save()
    write_links(dispatch)
    return dispatch


def drawn_up(campaign: Campaign, now: datetime) -> Dispatch | None:
    """Return the dispatch that a launch would write, unsaved; None while there is no sender or no version."""
    version = latest_version(campaign)
    if version is None or campaign.sender is None:
        return None
    return Dispatch(
        campaign=campaign,
        sender=campaign.sender,
        template_version=version,
        kind=version.kind,
        subject=campaign.subject,
        preheader=campaign.preheader,
        link_parameters=campaign.link_parameters,
        topic_id=campaign.topic_id,
        doubt=campaign.doubt,
        created_at=now,
    )


def write_links(dispatch: Dispatch) -> None:
    """Write the links of the dispatch's mail, numbered in order, and prove that it compiles. Raises LaunchRefused."""
    try:
        targets = DispatchMails(dispatch).targets()
        Link.objects.bulk_create(
            Link(dispatch=dispatch, number=number, url=url) for number, url in enumerate(targets, start=1)
        )
        DispatchMails(dispatch).prepare()
    except TemplateError as error:
        raise LaunchRefused([Problem("mail_refused", str(error))]) from error


def launch_due(now: datetime) -> list[int]:
    """Launch the scheduled campaigns whose time has come and return the ids of those launched.

    One that may no longer be launched becomes a draft again, with the reason; one whose segment is being counted waits.
    On a restored database all of them wait.
    """
    if hold.is_held():
        return []
    due = Campaign.objects.filter(state=CampaignState.SCHEDULED, scheduled_at__lte=now).order_by("scheduled_at")
    launched = []
    for campaign_id in due.values_list("pk", flat=True):
        try:
            launch(campaign_id, by=None, now=now)
            launched.append(campaign_id)
        except CampaignError as error:
            if isinstance(error, LaunchRefused) and {problem.code for problem in error.problems} == {BEING_COUNTED}:
                continue
            Campaign.objects.filter(pk=campaign_id, state=CampaignState.SCHEDULED).update(
                state=CampaignState.DRAFT, state_reason=str(error)[:300]
            )
    return launched
