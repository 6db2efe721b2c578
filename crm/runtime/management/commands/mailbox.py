"""The SMTP server of the local mailbox; `make run` starts it."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.runtime.mailbox.server import serve


class Command(BaseCommand):
    help = "Keep every mail sent to SMTP_PORT under var/mailbox and deliver none."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        if not settings.MAILBOX:
            raise CommandError("SMTP_URL or DATABASE_URL is set: mails go there, and the local mailbox is off.")
        asyncio.run(serve(settings.SMTP_PORT))
