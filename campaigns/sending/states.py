"""What became of a message, told from the kinds of its events, whatever order they came in."""

from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext

from campaigns.mailers.protocol import UNCERTAIN
from campaigns.mailers.replies import Outcome
from contacts.ledger.kinds import kind_of

SKIPPED = "mail.skipped"
RELEASED = "mail.released"  # a person had a mail in doubt sent once more


class MessageState(StrEnum):
    """Where a message stands; the higher rank wins (RANKS)."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    FAILED = "failed"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED_SOFT = "bounced_soft"
    BOUNCED_HARD = "bounced_hard"
    COMPLAINED = "complained"

    @property
    def label(self) -> str:
        """The words on screen: those of the event that brought it about."""
        kind = next((kind for kind, state in RANKS.items() if state is self), None)
        return str(kind_of(kind).label) if kind else gettext("Waiting")


# From the weakest to the strongest. A delivery settles a doubt; a bounce after a delivery is the later truth (the
# next server took the mail and gave it back); a complaint proves that a person saw it.
RANKS: dict[str, MessageState] = {
    Outcome.DEFERRED.kind: MessageState.DEFERRED,
    Outcome.REJECTED.kind: MessageState.REJECTED,
    UNCERTAIN: MessageState.UNCERTAIN,
    SKIPPED: MessageState.SKIPPED,
    Outcome.FAILED.kind: MessageState.FAILED,
    Outcome.SENT.kind: MessageState.SENT,
    "mail.delivered": MessageState.DELIVERED,
    Outcome.BOUNCED_SOFT.kind: MessageState.BOUNCED_SOFT,
    Outcome.BOUNCED_HARD.kind: MessageState.BOUNCED_HARD,
    "mail.complained": MessageState.COMPLAINED,
}
_ORDER = {kind: rank for rank, kind in enumerate(RANKS)}
# After one of these nothing is handed over again.
FINAL = frozenset(kind for kind in RANKS if kind not in {Outcome.DEFERRED.kind, Outcome.REJECTED.kind, UNCERTAIN})


def message_state(kinds: Iterable[str]) -> MessageState:
    """Return the state of a message with events of these kinds; kinds that say nothing of it are passed over."""
    known = [kind for kind in kinds if kind in _ORDER]
    return RANKS[max(known, key=_ORDER.__getitem__)] if known else MessageState.WAITING
