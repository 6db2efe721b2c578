"""Django's hook for journeys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
    verbose_name = _("Journeys")

    def ready(self) -> None:
        """Enter the kinds of steps and triggers."""
        from journeys.steps import catalogue as steps

        steps.register()
