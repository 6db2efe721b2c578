"""One slice: the mails that may go are rendered and handed over, and each outcome is written down.

Shared memory of a unit: what was told is kept until the unit is done, so that it can be written again when PostgreSQL
was restarted and lost asynchronous commits.
"""

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError
from liquid.exceptions import LiquidError

from campaigns.mailers import health
from campaigns.mailers.journal import JournalFile
from campaigns.mailers.protocol import Mailer, Ready, Told
from campaigns.mailers.replies import Outcome
from campaigns.rendering.headers import date_line
from campaigns.rendering.mails import DispatchMails
from campaigns.sending import reservations
from campaigns.sending.eligibility import Row, slice_by_id
from campaigns.sending.models import LeftOut
from campaigns.sending.record import Result, postpone, record, skipped
from campaigns.sending.recovery import OUTCOMES_A_WRITE
from campaigns.sending.units import Unit
from campaigns.templating.errors import TemplateError
from campaigns.tracking.tokens import mail_token

LONGEST_SLICE = 1.0  # seconds
_ADDRESS = re.compile(r"[^\s<>\x00-\x20\x7f-\uffff]+@[^\s<>\x00-\x20\x7f-\uffff]+")
_SENT = Outcome.SENT.kind
DATABASE_GONE = (OperationalError, InterfaceError)


@dataclass
class Progress:
    """How far one unit is. `todo` keeps hand-over order; `told` is all that was told since the unit was claimed."""

    todo: list[tuple[int, int]]
    told: list[Result] = field(default_factory=list)
    refused: str = ""  # why the sender was refused; stops the campaign
    database_gone: bool = False

    def settle(self, messages: set[int]) -> None:
        """Take messages off the list."""
        self.todo = [pair for pair in self.todo if pair[0] not in messages]


class Slice:
    """One slice of a unit; `deadline` is on the monotonic clock, before the lease's end."""

    def __init__(
        self,
        unit: Unit,
        mails: DispatchMails,
        journal: JournalFile,
        progress: Progress,
        *,
        clock: Callable[[], datetime],
        deadline: float,
        stopping: Callable[[], bool],
    ) -> None:
        self._unit = unit
        self._mails = mails
        self._dispatch = mails.dispatch
        self._journal = journal
        self._progress = progress
        self._clock = clock
        self._deadline = min(deadline, time.monotonic() + LONGEST_SLICE)
        self._stopping = stopping
        self._buffer: list[Result] = []
        self._done: set[int] = set()
        self._deferred: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._paced: dict[str, datetime] = {}

    def run(self, mailer: Mailer, size: int) -> int:
        """Deal with the next `size` messages as far as time allows; return how many were handed over.

        Raises MailerError and database errors after everything that was told is kept in progress.
        """
        asked = self._progress.todo[:size]
        now = self._clock()
        rows = self._eligible(asked, now)
        try:
            for told in mailer.hand_over(self._ready(rows), self._journal):
                self._keep(told)
        finally:
            self._journal.flush()
            self._write()
            self._progress.settle(self._done)
        if self._taken or self._deferred:
            reason = next((r.reason for r in reversed(self._progress.told) if r.reason), "")
            health.note(self._dispatch.mailer, self._deferred, self._taken, reason, self._clock())
            health.forget(self._dispatch.mailer, self._taken & self._paced.keys())
        return len(self._done)

    # --- who ---------------------------------------------------------------------------------------------------------
    def _eligible(self, asked: Sequence[tuple[int, int]], now: datetime) -> list[Row]:
        rows = slice_by_id(self._mails, [message for message, _ in asked], now)
        found = {row.recipient.message_id for row in rows}
        self._done |= {message for message, _ in asked if message not in found}  # deleted meanwhile
        self._leave_out([(row, row.left_out) for row in rows if not row.may_go], now)
        rows = self._without_slowed([row for row in rows if row.may_go], now)
        return self._within_cap(rows, now)

    def _leave_out(self, out: Sequence[tuple[Row, str]], now: datetime) -> None:
        results = [skipped(row.recipient.message_id, row.recipient.contact_id, reason) for row, reason in out]
        record(self._dispatch, results, now)
        self._done |= {result.message_id for result in results}

    def _without_slowed(self, rows: list[Row], now: datetime) -> list[Row]:
        self._paced = health.paced_domains(self._dispatch.mailer)
        slowed = {domain: until for domain, until in self._paced.items() if until > now}
        if not slowed:
            return rows
        later = [row for row in rows if _domain(row.recipient.email) in slowed]
        postpone(
            self._dispatch,
            [(row.recipient.message_id, self._unit.tries(row.recipient.message_id)) for row in later],
            [slowed[_domain(row.recipient.email)] for row in later],
        )
        self._done |= {row.recipient.message_id for row in later}
        return [row for row in rows if _domain(row.recipient.email) not in slowed]

    def _within_cap(self, rows: list[Row], now: datetime) -> list[Row]:
        limit = reservations.cap() if self._mails.origin.advertising else None
        if limit is None or not rows:
            return rows
        passed = reservations.reserve([(row.person_id, row.recipient.message_id) for row in rows], limit, now)
        self._leave_out([(row, LeftOut.CAPPED) for row in rows if row.recipient.message_id not in passed], now)
        return [row for row in rows if row.recipient.message_id in passed]

    # --- out ---------------------------------------------------------------------------------------------------------
    def _ready(self, rows: Sequence[Row]) -> Iterator[Ready]:
        date, sender = date_line(self._clock()), self._mails.origin.email
        run = secrets.token_hex(5)
        for number, row in enumerate(rows):
            if self._must_stop():
                return
            recipient = row.recipient
            data = self._rendered(row, date)
            if data is not None:
                tries = self._unit.tries(recipient.message_id)
                yield Ready(
                    f"{run}{number:x}", recipient.message_id, recipient.contact_id, tries, sender, recipient.email, data
                )

    def _must_stop(self) -> bool:
        progress = self._progress
        return (
            bool(progress.refused) or progress.database_gone or time.monotonic() >= self._deadline or self._stopping()
        )

    def _rendered(self, row: Row, date: bytes) -> bytes | None:
        """Return the mail, or None with the failure kept: one bad mail must not stop the others."""
        recipient = row.recipient
        if not _ADDRESS.fullmatch(recipient.email):
            self._failed(row, f"address {recipient.email!r}")
            return None
        token = mail_token(self._dispatch.pk, recipient.message_id, recipient.contact_id)
        try:
            mail = self._mails.compiled(recipient.language, tracked=recipient.tracked)
            return mail.splice(recipient, token, date)
        except (LiquidError, TemplateError) as error:
            self._failed(row, str(error))
            return None

    def _failed(self, row: Row, reason: str) -> None:
        person = row.recipient
        self._put(Result(person.message_id, person.contact_id, Outcome.FAILED.kind, reason=reason))

    # --- told --------------------------------------------------------------------------------------------------------
    def _keep(self, told: Told) -> None:
        domain = _domain(told.mail.recipient)
        if told.kind == _SENT:
            self._taken.add(domain)
        elif told.kind == Outcome.DEFERRED.kind:
            self._deferred[domain] += 1
        elif told.stops_campaign:
            self._progress.refused = self._progress.refused or f"{told.code} {told.reason}".strip()
        mail = told.mail
        self._put(
            Result(mail.message_id, mail.contact_id, told.kind, mail.handover, mail.tries, told.code, told.reason[:300])
        )

    def _put(self, result: Result) -> None:
        self._progress.told.append(result)
        self._buffer.append(result)
        self._done.add(result.message_id)
        if len(self._buffer) >= OUTCOMES_A_WRITE:
            self._write()

    def _write(self) -> None:
        """Write what waits; while the database is away it stays in progress and is written after reconnecting."""
        if not self._buffer or self._progress.database_gone:
            return
        try:
            record(self._dispatch, self._buffer, self._clock())
        except DATABASE_GONE:
            self._progress.database_gone = True
            return
        self._buffer = []


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
