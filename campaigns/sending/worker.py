"""A worker of the send queue: claims units, works on them slice by slice, survives a restart of PostgreSQL.

Run by the Celery task for some seconds, by `manage.py send` for as long as it lives, by `send_now` in one go.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection, transaction

from campaigns.mailers import health
from campaigns.mailers.choice import open_mailer
from campaigns.mailers.journal import JournalFile
from campaigns.mailers.protocol import Mailer, MailerError
from campaigns.rendering.links import UnknownLink
from campaigns.rendering.mails import DispatchMails
from campaigns.sending import dispatches
from campaigns.sending.handover import DATABASE_GONE, LONGEST_SLICE, Progress, Slice
from campaigns.sending.models import Dispatch, DispatchState
from campaigns.sending.record import record_missing
from campaigns.sending.recovery import is_over, let_go, look_up, recover, replay_journals
from campaigns.sending.units import ChunkUnit, Unit, claim, commit_for_good
from campaigns.templating.errors import TemplateError
from crm.kit.work import LostLease

logger = logging.getLogger(__name__)

_SMALLEST_SLICE, _LARGEST_SLICE = 20, 1_000
_LEASE_MARGIN = 0.25  # share of the lease that is never used: the worker stops by its own clock before the end
_RECONNECT_SECONDS = 60.0
_REMEMBERED = 20  # dispatches whose compiled mails are kept


class Worker:
    """One worker. `stop()` may be called from a signal: no new mail is begun, what is on its way is settled."""

    def __init__(
        self, clock: Callable[[], datetime], *, directory: Path | None = None, dispatch_id: int | None = None
    ) -> None:
        self._clock = clock
        self._directory = directory or settings.JOURNAL_DIR
        self._dispatch_id = dispatch_id
        self._mails: dict[int, DispatchMails] = {}
        self._mailers: dict[str, Mailer] = {}
        self._size = 200
        self._stop = False
        self._settled = True
        self._worked_on: set[int] = set()
        self._journal = JournalFile(self._directory)

    def stop(self) -> None:
        """Come to an end within a slice."""
        self._stop = True

    def __enter__(self) -> "Worker":
        try:
            self._begin()
        except DATABASE_GONE as error:
            self._come_back(None, Progress([]), error)
            self._begin()
        return self

    def _begin(self) -> None:
        replay_journals(self._directory, self._clock())
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")

    def __exit__(self, *raised: object) -> None:
        for mailer in self._mailers.values():
            mailer.close()
        self._journal.close(keep=not self._settled)
        if self._settled:
            with connection.cursor() as cursor:
                cursor.execute("RESET synchronous_commit")

    def work(self, until: Callable[[], bool] = lambda: False) -> int:
        """Work until nothing is due or `until()` holds; return how many units were dealt with."""
        units = 0
        while not self._stop and not until():
            try:
                unit = claim(self._clock(), self._journal.name, self._dispatch_id)
            except DATABASE_GONE as error:
                self._come_back(None, Progress([]), error)
                continue
            self._close(unit)
            if unit is None:
                return units
            units += 1
            self._deal_with(unit)
        self._close(None)
        return units

    def _close(self, unit: Unit | None) -> None:
        """Finish dispatches of which the last unit was done, once work goes on elsewhere or is over."""
        for dispatch_id in self._worked_on - {unit.dispatch_id if unit else None}:
            self._worked_on.discard(dispatch_id)
            with contextlib.suppress(*DATABASE_GONE):  # then the sweep finishes it
                dispatches.close_finished(self._clock(), dispatch_id)

    # --- one unit -----------------------------------------------------------------------------------------------------
    def _deal_with(self, unit: Unit) -> None:
        """Do a unit. Each step survives that the database goes away: the unit is then given back."""
        self._settled = False
        self._worked_on.add(unit.dispatch_id)
        self._journal.dispatch_id = unit.dispatch_id
        progress = Progress([])
        steps: list[Callable[[], None]] = [lambda: self._send(unit, progress), self._commit_all]
        for step in steps:
            try:
                step()
            except DATABASE_GONE as error:
                self._come_back(unit, progress, error)

    def _send(self, unit: Unit, progress: Progress) -> None:
        try:
            mails = self._mails_of(unit.dispatch_id)
            todo = self._todo(unit, mails.dispatch)
            if todo is None:
                unit.give_back(self._clock() + timedelta(seconds=settings.LEASE_SECONDS), keep_holder=True)
                return
            progress.todo = todo
            if unit.former_holder != self._journal.name:  # else it stands in our name since it was claimed
                unit.hold(self._clock(), self._journal.name)
            self._slices(unit, mails, progress)
        except LostLease as error:
            logger.warning("dispatch %s: lease lost: %s", unit.dispatch_id, error)

    def _commit_all(self) -> None:
        """Wait until everything written is on disk; then the journal has nothing more to tell."""
        if self._settled:
            return
        with transaction.atomic():
            commit_for_good()
            let_go(self._journal.name)
        self._forget()

    def _forget(self) -> None:
        self._journal.forget()
        self._settled = True

    def _mails_of(self, dispatch_id: int) -> DispatchMails:
        if dispatch_id not in self._mails:
            if len(self._mails) >= _REMEMBERED:
                self._mails.clear()
            dispatch = Dispatch.objects.select_related("sender").get(pk=dispatch_id)
            self._mails[dispatch_id] = DispatchMails(dispatch)
        return self._mails[dispatch_id]

    def _mailer(self, alias: str) -> Mailer:
        if alias not in self._mailers:
            self._mailers[alias] = open_mailer(alias)
        return self._mailers[alias]

    def _todo(self, unit: Unit, dispatch: Dispatch) -> list[tuple[int, int]] | None:
        """Return what is left of a unit: of one taken over, only what the ledger and the journals do not know.

        None when its former holder lives and has to write down first what it knows.
        """
        pairs = unit.pairs()
        if not unit.taken_over:
            return pairs
        former = "" if unit.former_holder == self._journal.name else unit.former_holder
        if not recover(dispatch, former, pairs, self._directory, self._clock(), claims=unit.claims):
            return None
        known = look_up(dispatch, pairs)
        if isinstance(unit, ChunkUnit):
            return [pair for pair in pairs if pair[0] not in known]  # what was told has a retry of its own, or is over
        return [pair for pair in pairs if pair[0] not in known or not is_over(dispatch, known[pair[0]])]

    def _slices(self, unit: Unit, mails: DispatchMails, progress: Progress) -> None:
        mailer = self._mailer(mails.dispatch.mailer)
        if not self._prepared(mails):
            unit.give_back(self._clock())
            return
        while progress.todo:
            started = time.monotonic()
            state = unit.renew(self._clock(), self._journal.name)
            if state != DispatchState.SENDING or self._stop:
                unit.give_back(self._clock())
                return
            deadline = started + settings.LEASE_SECONDS * (1 - _LEASE_MARGIN)
            one = Slice(
                unit,
                mails,
                self._journal,
                progress,
                clock=self._clock,
                deadline=deadline,
                stopping=lambda: self._stop,
            )
            try:
                handed = one.run(mailer, self._size)
            except MailerError as error:
                self._closed(unit, mails.dispatch, progress, error)
                return
            self._after(mails.dispatch, progress)
            self._adapt(handed, time.monotonic() - started)
        unit.finish()
        self._forget()  # that commit waited for the disk, and nothing else stands in our name

    def _prepared(self, mails: DispatchMails) -> bool:
        """Compile the mail before anything leaves; where it cannot be compiled a person must act."""
        try:
            mails.prepare()
        except (TemplateError, UnknownLink) as error:
            dispatches.pause(mails.dispatch.pk, str(error))
            return False
        return True

    def _after(self, dispatch: Dispatch, progress: Progress) -> None:
        if progress.database_gone:
            raise OperationalError("the database went away in mid-slice")
        if progress.refused:
            dispatches.pause(dispatch.pk, progress.refused)

    def _closed(self, unit: Unit, dispatch: Dispatch, progress: Progress, error: MailerError) -> None:
        """The way out is closed: open the breaker, and stop the campaign where a person must act."""
        if progress.database_gone:
            raise OperationalError("the database went away in mid-slice")
        until = health.failed(dispatch.mailer, error.reason, self._clock())
        logger.warning("mailer %s: %s", dispatch.mailer, error.reason)
        if error.permanent:
            dispatches.pause(dispatch.pk, error.reason)
        unit.give_back(until)

    def _adapt(self, handed: int, seconds: float) -> None:
        """Let the next slice take about two thirds of the longest."""
        wanted = int(handed / max(seconds, 0.001) * LONGEST_SLICE * 0.66)
        self._size = min(_LARGEST_SLICE, max(_SMALLEST_SLICE, wanted))

    def _come_back(self, unit: Unit | None, progress: Progress, error: Exception) -> None:
        """Wait for PostgreSQL, write again what it lost of the unit, and give it back.

        Raises when the database stays away for a minute: the journal then tells the next worker.
        """
        if connection.in_atomic_block:
            raise error
        logger.warning("the database went away; waiting for it")
        deadline = time.monotonic() + _RECONNECT_SECONDS
        while True:
            connection.close()
            try:
                self._write_again(unit, progress)
            except DATABASE_GONE:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _write_again(self, unit: Unit | None, progress: Progress) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        if unit is not None:
            dispatch = Dispatch.objects.get(pk=unit.dispatch_id)
            record_missing(dispatch, [result for result in progress.told if result.handover], self._clock())
            unit.give_back(self._clock())
        let_go(self._journal.name)  # also off a chunk whose claim was committed and not answered


def send_now(clock: Callable[[], datetime], *, dispatch_id: int | None = None, directory: Path | None = None) -> int:
    """Do all that is due at once and in this process; return how many units were dealt with."""
    with Worker(clock, dispatch_id=dispatch_id, directory=directory) as worker:
        return worker.work()
