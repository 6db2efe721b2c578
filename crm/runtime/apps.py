"""Django's hook for crm.runtime: loads the Celery app, so that shared tasks bind to it."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "crm.runtime"
    label = "runtime"

    def ready(self) -> None:
        """Make the Celery app the current one of this process, and register the deployment checks."""
        from crm import celery
        from crm.runtime import checks  # noqa: F401 - registers itself

        celery.app.set_default()
