"""Django's hook for campaigns."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    label = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Enter what this app adds to the registries of contacts; its follower after those of contacts."""
        from campaigns import kinds
        from campaigns.campaign.exporting import CAMPAIGN
        from campaigns.campaign.filters import CAMPAIGN_FILTERS
        from campaigns.campaign.opening import CAMPAIGN_OPENERS
        from campaigns.campaign.subjects import CAMPAIGN_SUBJECTS
        from campaigns.campaign.uses import CAMPAIGN_USE
        from campaigns.campaign.views.mails_of_person import MAILS_OF_PERSON
        from campaigns.deliverability.bounces import BOUNCES
        from campaigns.notices.follower import NOTICES
        from campaigns.privacy.records import CAMPAIGN_DATA
        from campaigns.sending.merging import CAMPAIGN_HANDLERS
        from campaigns.templating.attribute_uses import TEMPLATE_ATTRIBUTES
        from campaigns.trail import CAMPAIGN_KINDS
        from contacts.attributes.uses import ATTRIBUTE_USES
        from contacts.exports.kind import EXPORTS
        from contacts.identity.handlers import MERGE_HANDLERS
        from contacts.ledger import catalogue
        from contacts.ledger.followers import FOLLOWERS
        from contacts.people.filters import FILTERS
        from contacts.people.opening import OPENERS
        from contacts.people.sections import SECTIONS
        from contacts.privacy.handlers import PERSONAL_DATA
        from contacts.segments.rules.subjects import SUBJECT_TYPES
        from contacts.segments.uses import USES
        from crm.team.trail.kinds import KINDS as TRAIL_KINDS

        EXPORTS.register(CAMPAIGN)
        kinds.register()
        catalogue.register()
        FOLLOWERS.register(BOUNCES, NOTICES)
        FILTERS.register(*CAMPAIGN_FILTERS)
        OPENERS.register(*CAMPAIGN_OPENERS)
        MERGE_HANDLERS.register(*CAMPAIGN_HANDLERS)
        SUBJECT_TYPES.register(*CAMPAIGN_SUBJECTS)
        USES.register(CAMPAIGN_USE)
        ATTRIBUTE_USES.register(TEMPLATE_ATTRIBUTES)
        PERSONAL_DATA.register(*CAMPAIGN_DATA)
        TRAIL_KINDS.register(*CAMPAIGN_KINDS)
        SECTIONS.register(MAILS_OF_PERSON)
