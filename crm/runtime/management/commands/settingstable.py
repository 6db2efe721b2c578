"""Writes the table of all settings into docs/operations.md, from what crm.settings reads."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm.environment import table

BEGIN, END = "<!-- settings: written by `manage.py settingstable` -->", "<!-- end of settings -->"


def document() -> Path:
    """Return the file the table stands in."""
    return Path(settings.BASE_DIR) / "docs" / "operations.md"


class Command(BaseCommand):
    help = "Bring the settings table of docs/operations.md up to date."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace what stands between the two marks."""
        before, _mark, rest = document().read_text().partition(BEGIN)
        _old, mark, after = rest.partition(END)
        document().write_text(f"{before}{BEGIN}\n{table(settings.ENVIRONMENT.variables)}\n{mark}{after}")
