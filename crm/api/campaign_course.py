"""The course of a campaign: the check before it is sent, launch, pause, results."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns.campaign import control, launch, results
from campaigns.campaign.audience import audience_of, preview
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.queries import left_out, numbers, progress
from campaigns.sending.trackable import counted
from crm.api.campaigns import DOOR, WHERE, CampaignWhole, found, whole
from crm.api.fields import Body, Moment, Whole
from crm.api.problems import Refusal, stale
from crm.api.route import Asked
from crm.team.permissions import Action


class ObstacleShown(Body):
    code = serializers.CharField()
    message = serializers.CharField()


class CheckShown(Body):
    """To whom it would go, who is left out and why, and what stands in the way."""

    version = serializers.IntegerField()
    total = serializers.IntegerField()
    to_send = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text=_("People by reason."))
    obstacles = ObstacleShown(many=True)


@DOOR.get(f"{WHERE}/preflight", Action.CAMPAIGN_VIEW, _("Check a campaign before it is sent"), gives=CheckShown)
def check_campaign(asked: Asked, campaign_id: int) -> dict[str, Any]:
    """Return the numbers of the page that is shown before a launch."""
    return _checked(found(campaign_id), asked)


def _checked(row: Campaign, asked: Asked) -> dict[str, Any]:
    chosen = audience_of(row, asked.now).is_chosen
    counts = dict(preview(row, asked.now)) if chosen else {}
    told = [{"code": one.code, "message": one.message} for one in launch.problems(row, asked.now)]
    return {
        "version": row.version,
        "total": sum(counts.values()),
        "to_send": counts.get("", 0),
        "left_out": {reason: n for reason, n in counts.items() if reason and n},
        "obstacles": told,
    }


class LaunchIn(Body):
    version = Whole(help_text=_("Of the campaign when it was checked."))
    at = Moment(required=False, help_text=_("Later; now unless given."))


@DOOR.post(
    f"{WHERE}/launch", Action.CAMPAIGN_LAUNCH, _("Launch or schedule a campaign"), takes=LaunchIn,
    gives=CampaignWhole, example={"version": 1}, text=_("Asked twice, it launches once."),
)  # fmt: skip
def launch_campaign(asked: Asked, campaign_id: int) -> dict[str, Any]:
    """Launch a campaign that was checked at this version."""
    row = found(campaign_id)
    if row.state == CampaignState.DRAFT and row.version != asked.body["version"]:
        raise stale(whole(row.pk))
    if "at" in asked.body:
        launch.schedule(row.pk, asked.body["at"], by=asked.user, now=asked.now)
    else:
        launch.launch(row.pk, by=asked.user, now=asked.now)
    return whole(row.pk)


def _verb(key: str, summary: Any, do: Callable[[Asked, int], Any]) -> None:
    def act(asked: Asked, campaign_id: int) -> dict[str, Any]:
        found(campaign_id)
        do(asked, campaign_id)
        return whole(campaign_id)

    act.__name__ = f"{key}_campaign"
    DOOR.post(f"{WHERE}/{key}", Action.CAMPAIGN_LAUNCH, summary, gives=CampaignWhole)(act)


_verb("pause", _("Stop handing over until somebody resumes"), lambda _asked, number: control.pause(number))
_verb("resume", _("Go on with a campaign"), lambda _asked, number: control.resume(number))
_verb("cancel", _("End a campaign for good"), lambda asked, number: control.cancel(number, asked.now))
_verb("unschedule", _("Make a scheduled campaign a draft again"), lambda _asked, number: launch.unschedule(number))


class ProgressShown(Body):
    size = serializers.IntegerField()
    sent = serializers.IntegerField()
    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()


class ResultsShown(Body):
    """What came of a campaign, in people."""

    state = serializers.ChoiceField(CampaignState.values)
    progress = ProgressShown()
    sent = serializers.IntegerField()
    trackable = serializers.IntegerField(allow_null=True, help_text=_("How many agreed to have it counted."))
    opened = serializers.IntegerField()
    clicked = serializers.IntegerField()
    unsubscribed = serializers.IntegerField()
    bounced = serializers.IntegerField()
    complained = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text=_("People by reason."))


@DOOR.get(
    f"{WHERE}/results", Action.CAMPAIGN_VIEW, _("Read what came of a campaign"), gives=ResultsShown, refuses=(409,),
)  # fmt: skip
def read_results(asked: Asked, campaign_id: int) -> dict[str, Any]:
    """Return the figures of the result page."""
    row = found(campaign_id)
    dispatch = row.dispatches.order_by("pk").last()
    if dispatch is None:
        raise Refusal("conflict", str(_("This campaign was not launched yet.")))
    standing = progress(dispatch, asked.now)
    came = results.result_of(numbers(dispatch.pk), counted(dispatch))
    names = ("sent", "trackable", "opened", "clicked", "unsubscribed", "bounced", "complained")
    live = {name: getattr(standing, name) for name in ("size", "sent", "waiting", "failed", "skipped")}
    figures = {name: getattr(came, name) for name in names}
    return {"state": row.state, "progress": live, **figures, "left_out": left_out(dispatch.pk)}
