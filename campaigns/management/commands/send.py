"""`manage.py send`: a worker of the send queue of its own, beside or instead of Celery's."""

import gc
import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from campaigns.campaign.freeze import freeze
from campaigns.sending.dispatches import close_finished
from campaigns.sending.handover import DATABASE_GONE
from campaigns.sending.models import Dispatch, DispatchState
from campaigns.sending.worker import Worker
from crm.kit.clock import now

_POLL = 0.2  # seconds between two looks for work
_ALLOCATIONS = 50_000  # net new objects between two searches for garbage


class Command(BaseCommand):
    """Sends what is due until it is told to stop."""

    requires_system_checks = []
    help = "Send what is due until stopped; SIGTERM lets it finish the mails that are on their way."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --until-idle."""
        parser.add_argument("--until-idle", action="store_true", help="stop when no dispatch is open any more")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until stopped."""
        # Looking for garbage again and again took a quarter of a worker's time: what start-up made stays, and mails
        # make no circles.
        gc.freeze()
        gc.set_threshold(_ALLOCATIONS)
        stopped = False
        with Worker(now) as worker:

            def stop(*_signal: object) -> None:
                nonlocal stopped
                stopped = True
                worker.stop()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            while not stopped:
                try:
                    idle = self._turn(worker)
                except DATABASE_GONE as error:
                    self.stderr.write(f"the database is away: {error}")
                    connection.close()
                    idle = True
                if idle and options["until_idle"] and not self._open():
                    return
                if idle:
                    time.sleep(_POLL)

    def _turn(self, worker: Worker) -> bool:
        """Freeze and send what there is; tell whether there was nothing."""
        for dispatch_id in Dispatch.objects.filter(state=DispatchState.FREEZING).values_list("pk", flat=True):
            freeze(dispatch_id, now)
        if worker.work():
            return False
        close_finished(now())
        return True

    def _open(self) -> bool:
        """Tell whether any dispatch is open; while the database is away, nobody knows."""
        try:
            return Dispatch.objects.filter(state__in=[DispatchState.FREEZING, DispatchState.SENDING]).exists()
        except DATABASE_GONE:
            return True
