"""Django's hook for campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"

    def ready(self) -> None:
        """Enter the event kinds of mails."""
        from campaigns import kinds

        kinds.register()
