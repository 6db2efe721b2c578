"""Django's hook for contacts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    label = "contacts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Enter the event kinds, followers and merge handlers of contacts."""
        from contacts.acts import catalogue as acts
        from contacts.exports.kind import EXPORTS
        from contacts.exports.people import ACCOUNTS, EVENTS, ORDERS, PEOPLE
        from contacts.hooks.records import HOOK_USE
        from contacts.identity import rows
        from contacts.ledger import catalogue
        from contacts.privacy import catalogue as privacy
        from contacts.segments import filters
        from contacts.segments.rules import catalogue as rules
        from contacts.segments.uses import USES
        from contacts.stages import filters as stage_filters
        from contacts.stages.uses import STAGE_USE
        from contacts.trail import CONTACT_KINDS
        from crm.team.permissions import Action
        from crm.team.saved_views.keeping import PAGES, ViewedPage
        from crm.team.trail.kinds import KINDS

        catalogue.register()
        rows.register()
        rules.register()
        USES.register(STAGE_USE, HOOK_USE)
        filters.register()
        stage_filters.register()
        privacy.register()
        KINDS.register(*CONTACT_KINDS)
        acts.register()
        EXPORTS.register(PEOPLE, ACCOUNTS, ORDERS, EVENTS)
        PAGES.register(ViewedPage("people", "contacts:people", Action.CONTACT_VIEW))
