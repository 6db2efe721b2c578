"""`manage.py ledger …`: care of the ledger. Each part is described in docs/ledger.md."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contacts.ledger import integrity, partitions, replay, retention
from contacts.ledger.errors import LedgerError
from contacts.ledger.passes import enrol, resume
from contacts.ledger.standing import standings
from crm.kit import clock


class Command(BaseCommand):
    """Make partitions, drop old months, replay or resume followers, raise the offset, prove integrity."""

    help = "Care of the ledger of events and its followers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the part and what it needs."""
        parts = parser.add_subparsers(dest="part", required=True)
        parts.add_parser("status", help="how every follower stands")
        parts.add_parser("partitions", help="make the tables of the coming months")
        parts.add_parser("check", help="prove that the contact of every event exists")
        parts.add_parser("raise-offset", help="once after a restore into a new cluster, before anything else runs")
        for name, text in (("replay", "compute a follower's tables anew"), ("resume", "let a stopped follower go on")):
            parts.add_parser(name, help=text).add_argument("name")
        retain = parts.add_parser("retain", help="drop old months, keeping what followed from them")
        retain.add_argument("--months", type=int, required=True, help="how many whole months to keep")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the part."""
        try:
            getattr(self, "_" + options["part"].replace("-", "_"))(options)
        except LedgerError as error:
            raise CommandError(str(error)) from error

    def _status(self, options: dict[str, Any]) -> None:
        enrol(clock.now())
        for one in standings(clock.now()):
            state = "running" if one.is_running else f"stopped at {one.stopped_at:%Y-%m-%d %H:%M:%S}: {one.error}"
            behind = ", behind the others" if one.is_behind else ""
            self.stdout.write(f"{one.name:12} {state}{behind}, lag {one.lag_seconds:.2f} s")
        self.stdout.write(f"{'months':12} {partitions.months_ahead(clock.now())} ahead")

    def _partitions(self, options: dict[str, Any]) -> None:
        made = partitions.make_ahead(clock.now())
        self.stdout.write(f"made {', '.join(made)}" if made else "nothing to make")

    def _check(self, options: dict[str, Any]) -> None:
        lost = integrity.lost_events()
        for one in lost:
            self.stdout.write(f"contact {one.contact_id} does not exist but has {one.events} events")
        if lost:
            raise CommandError(f"{len(lost)} contacts of events do not exist")
        self.stdout.write("every event has its contact")

    def _raise_offset(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"the offset is {replay.raise_offset()}")

    def _replay(self, options: dict[str, Any]) -> None:
        replay.replay(options["name"], clock.now())
        self.stdout.write(f"{options['name']} starts from the beginning; see `manage.py ledger status`")

    def _resume(self, options: dict[str, Any]) -> None:
        resume(options["name"])
        self.stdout.write(f"{options['name']} goes on")

    def _retain(self, options: dict[str, Any]) -> None:
        dropped = retention.retain(clock.now(), options["months"])
        forgotten = retention.forget_keys(clock.now())
        self.stdout.write(f"dropped {', '.join(dropped) or 'no month'}, forgot {forgotten} keys")
