"""Django's hook for campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"

    def ready(self) -> None:
        """Enter the event kinds of mails, and the follower of bounces after those of contacts, which it runs behind."""
        from campaigns import kinds
        from campaigns.deliverability.bounces import BOUNCES
        from contacts.ledger import catalogue
        from contacts.ledger.followers import FOLLOWERS

        kinds.register()
        catalogue.register()
        FOLLOWERS.register(BOUNCES)
