"""`manage.py follow`: compute scores, states and all else from the ledger, for as long as it runs."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contacts.ledger.follow import POLL_SECONDS, Loop
from contacts.ledger.replay import raise_offset
from crm.team import hold


def shard_range(text: str) -> range:
    """Return the shards of "0-31" or "7". Raises CommandError."""
    first, _, last = text.partition("-")
    try:
        shards = range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise CommandError(f'--shards "{text}": write a range such as 0-31') from error
    if not shards or shards[0] < 0 or shards[-1] > 63:
        raise CommandError(f'--shards "{text}": shards are 0 to 63')
    return shards


class Command(BaseCommand):
    """Run the followers of the ledger; SIGTERM and SIGINT end it after the running pass."""

    help = "Follow the ledger: keep everything up to date that is computed from what happened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what a person may choose."""
        parser.add_argument("--once", action="store_true", help="do one round and end")
        parser.add_argument(
            "--until-idle", action="store_true", help="end when all that was written before is followed"
        )
        parser.add_argument("--poll", type=float, default=POLL_SECONDS, help="seconds between looks when idle")
        parser.add_argument("--shards", default="0-63", help="which shards of contacts this process may lead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Follow."""
        if hold.is_held():
            raise_offset()  # of a restored database, before anything is read
        loop = Loop(wanted=shard_range(options["shards"]), poll_seconds=options["poll"])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        loop.run(once=options["once"], until_idle=options["until_idle"])
