"""Django's hook for contacts."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    label = "contacts"

    def ready(self) -> None:
        """Enter the event kinds, followers and merge handlers of contacts."""
        from contacts.identity import rows
        from contacts.ledger import catalogue
        from contacts.segments import filters
        from contacts.segments.rules import catalogue as rules

        catalogue.register()
        rows.register()
        rules.register()
        filters.register()
