"""Django's hook for crm.runtime: loads the Celery app, so that shared tasks bind to it."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "crm.runtime"
    label = "runtime"

    def ready(self) -> None:
        """Make the Celery app the current one of this process."""
        from crm import celery

        celery.app.set_default()
