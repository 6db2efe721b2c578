"""`manage.py restore DIRECTORY`: a back-up into an empty database. Sending is held until a person lets it go."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.runtime.backup import BackupError, restore


class Command(BaseCommand):
    help = "Bring a back-up into the empty database of this install. Nothing is sent until an admin lets it go."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the directory."""
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore."""
        try:
            told = restore(options["directory"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: {told}. Start everything; sending is held until an admin opens Health, Restored.")
