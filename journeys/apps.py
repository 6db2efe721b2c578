"""Django's hook for journeys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
    verbose_name = _("Journeys")

    def ready(self) -> None:
        """Enter what this app adds to the registries of contacts; its follower after those of contacts."""
        from campaigns.campaign.causes import TELLERS, Teller
        from contacts.acts.verb import VERBS
        from contacts.attributes.uses import ATTRIBUTE_USES
        from contacts.identity.handlers import MERGE_HANDLERS
        from contacts.ledger import catalogue
        from contacts.ledger.followers import FOLLOWERS
        from contacts.ledger.ticks import TICKS
        from contacts.people.filters import FILTERS
        from contacts.people.next_step import PLANNERS
        from contacts.people.sections import SECTIONS
        from contacts.privacy.handlers import PERSONAL_DATA
        from contacts.segments.naming import ship
        from contacts.segments.uses import USES
        from crm.team.trail.kinds import KINDS as TRAIL_KINDS
        from journeys import kinds
        from journeys.channels import channel as channels
        from journeys.engine.following import JOURNEYS
        from journeys.engine.merging import ENROLMENTS
        from journeys.engine.waking import WAKING
        from journeys.journey.attribute_uses import JOURNEY_ATTRIBUTES
        from journeys.journey.uses import JOURNEY_USE
        from journeys.privacy.records import JOURNEY_DATA
        from journeys.results import tracing
        from journeys.results.behind import JOURNEY_FILTER
        from journeys.results.starting import START_JOURNEY
        from journeys.starters.catalogue import READY_SEGMENTS
        from journeys.steps import catalogue as steps
        from journeys.trail import JOURNEY
        from journeys.triggers import catalogue as triggers
        from journeys.views.planning import NEXT_OF_JOURNEY
        from journeys.views.sections import JOURNEYS_OF_PERSON

        ship(text for one in READY_SEGMENTS for text in (one.name, one.description))
        kinds.register()
        TRAIL_KINDS.register(JOURNEY)
        catalogue.register()
        channels.register()
        steps.register()
        triggers.register()
        FOLLOWERS.register(JOURNEYS)
        TICKS.register(WAKING)
        MERGE_HANDLERS.register(ENROLMENTS)
        USES.register(JOURNEY_USE)
        ATTRIBUTE_USES.register(JOURNEY_ATTRIBUTES)
        FILTERS.register(JOURNEY_FILTER)
        SECTIONS.register(JOURNEYS_OF_PERSON)
        PLANNERS.register(NEXT_OF_JOURNEY)
        TELLERS.register(Teller("journeys", tracing.told))
        PERSONAL_DATA.register(*JOURNEY_DATA)
        VERBS.register(START_JOURNEY)
