"""`manage.py resetsecondfactor ADDRESS`: for the only admin who lost phone and codes, by who owns the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from crm.kit import clock
from crm.team.models import User
from crm.team.second_factor import factor
from crm.team.sign_ins import entry


class Command(BaseCommand):
    help = "Take a user's second factor away and log her out everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address."""
        parser.add_argument("address")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it. Raises CommandError for an unknown address, or when there is none."""
        user = User.objects.filter(email=options["address"].strip().lower()).first()
        if user is None:
            raise CommandError(f"No user has the address {options['address']}.")
        now = clock.now()
        if not factor.take_away(user, by=None, now=now):
            raise CommandError(f"{user.email} has no second factor.")
        entry.end_all(user, by=None, now=now)
        self.stdout.write(f"{user.email} logs in by password alone until a new second factor is set up.")
