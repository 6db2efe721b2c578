"""What becomes of the outcome of a call when two people become one: the newer one holds."""

from typing import Any

from contacts.identity.handlers import MergeHandler
from contacts.leads.models import FollowUp

_FIELDS = ("outcome", "at", "due_on", "by_id")


def _move(winner_id: int, loser_id: int) -> dict[str, Any] | None:
    """Let the loser's outcome hold for the winner when it is newer; return what held before. The loser keeps hers."""
    held = FollowUp.objects.filter(pk__in=[winner_id, loser_id]).in_bulk()
    if loser_id not in held or (winner_id in held and held[winner_id].at >= held[loser_id].at):
        return None
    _write(winner_id, {name: getattr(held[loser_id], name) for name in _FIELDS})
    before = held.get(winner_id)
    return {
        "taken": held[loser_id].at.isoformat(),
        "before": {name: _text(getattr(before, name)) for name in _FIELDS} if before else None,
    }


def _undo(winner_id: int, _loser_id: int, moved: Any) -> None:
    """Take it back, unless a newer outcome was noted since."""
    if moved is None:
        return
    taken = FollowUp.objects.filter(pk=winner_id, at=moved["taken"])
    if moved["before"]:
        taken.update(**moved["before"])
    else:
        taken.delete()


def _write(contact_id: int, values: dict[str, Any]) -> None:
    FollowUp.objects.update_or_create(pk=contact_id, defaults=values)


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


FOLLOW_UP = MergeHandler("follow_up", _move, _undo)
