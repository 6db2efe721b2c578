"""`manage.py backup DIRECTORY`: the database and uploaded files, while everything runs on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.kit import clock
from crm.runtime.backup import BackupError, back_up


class Command(BaseCommand):
    help = "Write the database and uploaded files into a new directory. SECRET_KEY is not in it: keep it elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the directory."""
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up."""
        try:
            place = back_up(options["directory"], clock.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{place} is written. Keep SECRET_KEY with it, in another place.")
