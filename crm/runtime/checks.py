"""Faults of a deployment, told by `manage.py check --deploy` with what to do. Ids are listed in docs/operations.md."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Look at what a server needs and one's own machine does not."""
    found: list[CheckMessage] = []
    if settings.EMBEDDED:
        hint = "Set DATABASE_URL to a PostgreSQL 18 that is backed up."
        found.append(Error("This install keeps its data in an embedded database.", hint=hint, id="wayfare.E001"))
    if settings.BROKER_EMBEDDED:
        hint = "Set CELERY_BROKER_URL to a Redis, Valkey or RabbitMQ that web and workers reach."
        found.append(Error("There is no broker: work waits for the next sweep.", hint=hint, id="wayfare.E002"))
    if not settings.ENVIRONMENT.has("SMTP_URL") and not settings.ENVIRONMENT.has("MAIL_PROVIDER"):
        hint = "Set SMTP_URL to the server that takes them, or MAIL_PROVIDER to a provider."
        found.append(Error("Mails go nowhere.", hint=hint, id="wayfare.E003"))
    if not settings.SECURE:
        hint = "Set BASE_URL to the https address of this install: links in mails carry it."
        found.append(Error("BASE_URL is not https.", hint=hint, id="wayfare.E004"))
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost>"):
        hint = "Set DEFAULT_FROM_EMAIL to an address of your domain."
        found.append(checks.Warning("Mails of the product come from localhost.", hint=hint, id="wayfare.W005"))
    return found
