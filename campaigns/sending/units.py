"""What a worker claims: a chunk of a dispatch, or some of its retries. Both are a list of messages under a lease."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from campaigns.mailers.health import closed_aliases
from campaigns.sending.models import Chunk, Dispatch, DispatchState, Message, Retry
from crm.kit.work import LostLease, WorkState
from crm.team import hold
from crm.team.hold import SENDING_IS_FREE

RETRIES_A_CLAIM = 500
# In a statement that is its own transaction: its commit waits for the disk, and with it all commits before. One round
# trip instead of five; a worker waits twice a chunk, not four times (docs/decisions/sending-splice.md).
_FOR_GOOD = "set_config('synchronous_commit', 'on', true)"
_SENDING = f"""{SENDING_IS_FREE} AND d.state = 'sending'
    AND (%(dispatch)s::bigint IS NULL OR d.id = %(dispatch)s) AND NOT EXISTS (
        SELECT FROM campaigns_mailerstate s WHERE s.alias = d.mailer AND s.open_until > %(now)s)"""
_DUE = "(w.state = 'ready' AND w.due_at <= %(now)s OR w.state = 'leased' AND w.lease_until < %(now)s)"
_DISPATCH_OF_RETRIES = f"""
SELECT w.dispatch_id FROM campaigns_retry w JOIN campaigns_dispatch d ON d.id = w.dispatch_id
WHERE {_SENDING} AND {_DUE} ORDER BY w.due_at LIMIT 1
"""  # noqa: S608 - constants
# Where a former holder is named, its journal must be dealt with before the name may go: see Unit.hold.
_CLAIM_CHUNK = f"""
UPDATE campaigns_chunk SET state = 'leased', lease_until = %(until)s, fence = fence + 1, attempts = attempts + 1,
    holder = CASE WHEN holder = '' THEN %(holder)s ELSE holder END
WHERE id = ANY(ARRAY(
    SELECT w.id FROM campaigns_chunk w JOIN campaigns_dispatch d ON d.id = w.dispatch_id
    WHERE {_SENDING} AND {_DUE} ORDER BY w.due_at, w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED))
RETURNING *, {_FOR_GOOD} AS waited
"""  # noqa: S608 - constants
_FINISH_CHUNK = f"""
UPDATE campaigns_chunk SET state = 'done', lease_until = NULL, last_error = '', holder = ''
WHERE id = %s AND fence = %s AND state = 'leased' RETURNING {_FOR_GOOD}
"""  # noqa: S608 - constants
_RENEW_CHUNK = """
UPDATE campaigns_chunk c SET lease_until = %s, holder = %s FROM campaigns_dispatch d
WHERE c.id = %s AND c.fence = %s AND c.state = 'leased' AND d.id = c.dispatch_id RETURNING d.state
"""
_RENEW_RETRIES = """
UPDATE campaigns_retry r SET lease_until = %s, holder = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS mine(id, fence), campaigns_dispatch d
WHERE r.id = mine.id AND r.fence = mine.fence AND r.state = 'leased' AND d.id = r.dispatch_id
RETURNING r.message_id, d.state
"""
_GIVE_BACK_RETRIES = """
UPDATE campaigns_retry r SET state = 'ready', due_at = greatest(r.due_at, %s), lease_until = NULL, holder = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS mine(id, fence)
WHERE r.id = mine.id AND r.fence = mine.fence AND r.state = 'leased'
"""
_FINISH_RETRIES = """
DELETE FROM campaigns_retry r USING unnest(%s::bigint[], %s::bigint[]) AS mine(id, fence)
WHERE r.id = mine.id AND r.fence = mine.fence AND r.state = 'leased'
"""


def commit_for_good() -> None:
    """Make the running transaction's commit wait for the disk, and with it for all commits before.

    Workers run with asynchronous commit else. The empty message makes even a transaction that changed nothing wait.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        cursor.execute("SELECT pg_logical_emit_message(true, 'wayfare', '')")


class Unit(ABC):
    """Messages of one dispatch that this worker alone may hand over while its lease holds."""

    dispatch_id: int
    former_holder: str
    taken_over: bool
    claims: int

    @abstractmethod
    def pairs(self) -> list[tuple[int, int]]:
        """Return (message, contact) in the order of hand-over."""

    @abstractmethod
    def tries(self, message_id: int) -> int:
        """Return how often the server has put this message off."""

    @abstractmethod
    def renew(self, now: datetime, holder: str) -> str:
        """Prolong the lease and return the dispatch's state. Raises LostLease."""

    @abstractmethod
    def finish(self) -> None:
        """Mark all of it done; commits synchronously. Raises LostLease."""

    @abstractmethod
    def give_back(self, due_at: datetime, *, keep_holder: bool = False) -> None:
        """Let it be claimed again at `due_at`; what was told is in the ledger. Harmless after a lost lease.

        `keep_holder`: the former holder has something to tell yet.
        """

    def hold(self, now: datetime, holder: str) -> str:
        """Take the lease in the name of a journal, for good, before anything is handed over. Raises LostLease."""
        with transaction.atomic():
            commit_for_good()
            return self.renew(now, holder)


class ChunkUnit(Unit):
    """A chunk."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self.dispatch_id = chunk.dispatch_id
        self.former_holder = chunk.holder
        self.taken_over = chunk.fence > 1
        self.claims = chunk.attempts

    def pairs(self) -> list[tuple[int, int]]:
        """See Unit."""
        rows = Message.objects.filter(
            dispatch_id=self.dispatch_id, ordinal__gte=self._chunk.first, ordinal__lte=self._chunk.last
        )
        return list(rows.order_by("ordinal").values_list("pk", "contact_id"))

    def tries(self, message_id: int) -> int:  # noqa: ARG002 - the same for all
        """See Unit."""
        return 0

    def renew(self, now: datetime, holder: str) -> str:
        """See Unit."""
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute(_RENEW_CHUNK, [until, holder, self._chunk.pk, self._chunk.fence])
            found = cursor.fetchone()
        if found is None:
            raise LostLease(f"chunk {self._chunk.pk}, fence {self._chunk.fence}")
        return str(found[0])

    def finish(self) -> None:
        """See Unit."""
        with connection.cursor() as cursor:
            cursor.execute(_FINISH_CHUNK, [self._chunk.pk, self._chunk.fence])
            if cursor.fetchone() is None:
                raise LostLease(f"chunk {self._chunk.pk}, fence {self._chunk.fence}")

    def give_back(self, due_at: datetime, *, keep_holder: bool = False) -> None:
        """See Unit."""
        holder = self.former_holder if keep_holder else ""
        mine = Chunk.objects.filter(pk=self._chunk.pk, fence=self._chunk.fence, state=WorkState.LEASED)
        with transaction.atomic():
            commit_for_good()
            mine.update(state=WorkState.READY, due_at=due_at, lease_until=None, holder=holder)


class RetryUnit(Unit):
    """Some retries of one dispatch."""

    def __init__(self, retries: Sequence[Retry]) -> None:
        self._retries = {retry.message_id: retry for retry in retries}
        self.dispatch_id = retries[0].dispatch_id
        self.former_holder = next((retry.holder for retry in retries if retry.holder), "")
        self.taken_over = True
        self.claims = max(retry.attempts for retry in retries)

    def pairs(self) -> list[tuple[int, int]]:
        """See Unit."""
        rows = Message.objects.filter(pk__in=self._retries)
        return list(rows.order_by("ordinal").values_list("pk", "contact_id"))

    def tries(self, message_id: int) -> int:
        """See Unit."""
        return self._retries[message_id].tries

    def _mine(self) -> list[list[int]]:
        return [[r.pk for r in self._retries.values()], [r.fence for r in self._retries.values()]]

    def renew(self, now: datetime, holder: str) -> str:
        """See Unit. Retries that were planned anew meanwhile are no longer ours, which is no loss of the others."""
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute(_RENEW_RETRIES, [until, holder, *self._mine()])
            found = dict(cursor.fetchall())
        if not found:
            raise LostLease(f"{len(self._retries)} retries of dispatch {self.dispatch_id}")
        return str(next(iter(found.values())))

    def finish(self) -> None:
        """See Unit: what is still ours has its final outcome."""
        self._run(_FINISH_RETRIES)

    def give_back(self, due_at: datetime, *, keep_holder: bool = False) -> None:
        """See Unit."""
        self._run(_GIVE_BACK_RETRIES, due_at, self.former_holder if keep_holder else "")

    def _run(self, sql: str, *params: datetime | str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            commit_for_good()
            cursor.execute(sql, [*params, *self._mine()])


def claim(now: datetime, holder: str, dispatch_id: int | None = None) -> Unit | None:
    """Claim the next unit (of one dispatch, when given), retries first; None when nothing is due.

    A chunk that nobody has to tell of stands in the name of the journal `holder` from here on. The commit is
    synchronous: a claim that PostgreSQL forgot would give its fencing number to two workers.
    """
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    asked = {"now": now, "until": until, "holder": holder, "dispatch": dispatch_id, **hold.parameters()}
    return _claim_retries(asked) or _claim_chunk(asked)


def _claim_retries(asked: dict[str, Any]) -> Unit | None:
    with connection.cursor() as cursor:
        cursor.execute(_DISPATCH_OF_RETRIES, asked)
        first = cursor.fetchone()
    if first is None:
        return None
    with transaction.atomic():
        commit_for_good()
        retries = Retry.claim(asked["now"], limit=RETRIES_A_CLAIM, only=Q(dispatch_id=first[0]))
    return RetryUnit(retries) if retries else None


def _claim_chunk(asked: dict[str, Any]) -> Unit | None:
    chunks = list(Chunk._base_manager.raw(_CLAIM_CHUNK, asked))
    return ChunkUnit(chunks[0]) if chunks else None


def anything_due(now: datetime) -> bool:
    """Tell whether a worker would find something to claim."""
    sending = Dispatch.objects.filter(state=DispatchState.SENDING).exclude(mailer__in=closed_aliases(now)).values("pk")
    return any(model.objects.filter(model.due(now), dispatch__in=sending).exists() for model in (Retry, Chunk))
