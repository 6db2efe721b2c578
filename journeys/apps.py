"""Django's hook for journeys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
    verbose_name = _("Journeys")

    def ready(self) -> None:
        """Enter what this app adds to the registries of contacts; its follower after those of contacts."""
        from contacts.identity.handlers import MERGE_HANDLERS
        from contacts.ledger import catalogue
        from contacts.ledger.followers import FOLLOWERS
        from contacts.ledger.ticks import TICKS
        from contacts.people.filters import FILTERS
        from contacts.segments.uses import USES
        from journeys import kinds
        from journeys.channels import channel as channels
        from journeys.engine.following import JOURNEYS
        from journeys.engine.merging import ENROLMENTS
        from journeys.engine.waking import WAKING
        from journeys.journey.uses import JOURNEY_USE
        from journeys.results.behind import JOURNEY_FILTER
        from journeys.steps import catalogue as steps
        from journeys.triggers import catalogue as triggers

        kinds.register()
        catalogue.register()
        channels.register()
        steps.register()
        triggers.register()
        FOLLOWERS.register(JOURNEYS)
        TICKS.register(WAKING)
        MERGE_HANDLERS.register(ENROLMENTS)
        USES.register(JOURNEY_USE)
        FILTERS.register(JOURNEY_FILTER)
