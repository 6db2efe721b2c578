"""Django's hook for campaigns."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Enter kinds of events, filters of people, what mails open, and (after those of contacts) the follower."""
        from campaigns import kinds
        from campaigns.campaign.filters import CAMPAIGN_FILTERS
        from campaigns.campaign.opening import CAMPAIGN_OPENERS
        from campaigns.deliverability.bounces import BOUNCES
        from contacts.ledger import catalogue
        from contacts.ledger.followers import FOLLOWERS
        from contacts.people.filters import FILTERS
        from contacts.people.opening import OPENERS

        kinds.register()
        catalogue.register()
        FOLLOWERS.register(BOUNCES)
        FILTERS.register(*CAMPAIGN_FILTERS)
        OPENERS.register(*CAMPAIGN_OPENERS)
