"""`make messages`: brings the Korean catalogue up to date with the sources. `--check` only tells what is missing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.runtime.messages import Catalogue, CatalogueError, extracted


class Command(BaseCommand):
    help = "Extract strings, merge locale/ko/parts into locale/ko/LC_MESSAGES/django.po, and compile it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --check and --compile."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a Korean string is missing")
        parser.add_argument("--compile", action="store_true", help="only compile what is there, as a server needs it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check the catalogue."""
        root = Path(settings.BASE_DIR)
        catalogue = Catalogue(root / "locale")
        if options["compile"]:
            self.stdout.write(f"{catalogue.compile().relative_to(root)} is up to date.")
            return
        try:
            messages = extracted(root)
            if not options["check"]:
                catalogue.write(messages)
                catalogue.compile()
            problems = catalogue.problems(messages)
        except CatalogueError as error:
            raise CommandError(str(error)) from None
        if problems and options["check"]:
            raise CommandError("\n".join([*problems, f"{len(problems)} of {len(messages)} strings lack good Korean."]))
        self.stdout.write(f"{len(messages)} strings, {len(problems)} without good Korean.")
