"""What each app does with its rows when two contacts become one, or one becomes two again.

Apps above register theirs in AppConfig.ready from an explicit list. Events are not their business: the identity
follower moves those, also the ones still in flight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.kit.registry import Registry


@dataclass(frozen=True)
class MergeHandler:
    """`move(winner_id, loser_id)` moves rows and returns, as JSON, what `undo(winner_id, loser_id, moved)` needs.

    Both run in the transaction of the merge. Rows that would conflict stay with the loser and are read by redirect.
    """

    name: str
    move: Callable[[int, int], Any]
    undo: Callable[[int, int, Any], None]


MERGE_HANDLERS: Registry[MergeHandler] = Registry("merge handlers", MergeHandler, lambda handler: handler.name)
