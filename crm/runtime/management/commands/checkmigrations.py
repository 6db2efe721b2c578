"""Tells whether a model changed without a migration; asks no database, unlike `makemigrations --check`."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


class Command(BaseCommand):
    help = "Fail when a model differs from its migrations, or when two migrations compete."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare models with migrations."""
        loader = MigrationLoader(None)
        if competing := loader.detect_conflicts():
            raise CommandError(f"Migrations compete, renumber one of each: {competing}")
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        changes = detector.changes(graph=loader.graph)
        lines = [
            f"{app}: {operation.describe()}"
            for app, migrations in changes.items()
            for migration in migrations
            for operation in migration.operations
        ]
        if lines:
            raise CommandError(
                "\n".join([*lines, "Write them with `manage.py makemigrations`, while `make run` runs."])
            )
        self.stdout.write("Models and migrations agree.")
