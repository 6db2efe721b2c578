"""Which campaigns use a segment: those that are still to be sent."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign, CampaignState
from contacts.segments.uses import Use, page_of

_OPEN = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.LAUNCHING)


def _by_campaigns(segment_id: int) -> list[tuple[str, str]]:
    chosen = Campaign.objects.filter(include_segments=segment_id) | Campaign.objects.filter(exclude_segments=segment_id)
    found = chosen.filter(state__in=_OPEN).distinct().order_by("name", "pk")
    return [(campaign.name, page_of("campaigns:campaign", campaign.pk)) for campaign in found]


def _used(segment_ids: Collection[int]) -> list[int]:
    campaigns = Campaign.objects.filter(state__in=_OPEN)
    places = {
        (campaign, segment)
        for side in ("include_segments", "exclude_segments")
        for campaign, segment in campaigns.filter(**{f"{side}__in": segment_ids}).values_list("pk", side)
    }
    return [segment for _campaign, segment in places]


CAMPAIGN_USE = Use("campaign", _("Campaign"), _by_campaigns, _used)
