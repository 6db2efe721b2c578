"""Which campaigns use a segment: those that are still to be sent."""

from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign, CampaignState
from contacts.segments.uses import Use, page_of

_OPEN = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.LAUNCHING)


def _by_campaigns(segment_id: int) -> list[tuple[str, str]]:
    chosen = Campaign.objects.filter(include_segments=segment_id) | Campaign.objects.filter(exclude_segments=segment_id)
    found = chosen.filter(state__in=_OPEN).distinct().order_by("name", "pk")
    return [(campaign.name, page_of("campaigns:campaign", campaign.pk)) for campaign in found]


CAMPAIGN_USE = Use("campaign", _("Campaign"), _by_campaigns)
