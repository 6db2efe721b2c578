"""Django's hook for contacts."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    label = "contacts"

    def ready(self) -> None:
        """Enter the event kinds and followers of contacts."""
        from contacts.ledger import catalogue

        catalogue.register()
