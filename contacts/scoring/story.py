"""The score of one person over time, and the entries that made it: for the contact page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from contacts.scoring.decay import faded, kept
from contacts.scoring.models import ScoreEntry, ScoreModel

_SHOWN_ENTRIES = 50


@dataclass(frozen=True)
class Story:
    """The curve (local day, score at its end, in points) and all entries, the oldest first."""

    curve: tuple[tuple[date, float], ...]
    all_entries: Sequence[ScoreEntry]

    @property
    def entries(self) -> Sequence[ScoreEntry]:
        """Return the latest entries, newest first."""
        return self.all_entries[::-1][:_SHOWN_ENTRIES]


def story_of(contact_id: int, model: ScoreModel, now: datetime, *, days: int = 90) -> Story:
    """Return what happened to a person's score in the last `days` days, in the active time zone."""
    entries = list(
        ScoreEntry.objects.filter(contact_id=contact_id, model=model)
        .select_related("rule")
        .order_by("occurred_at", "pk")
    )
    return Story(tuple(_curve(entries, model, now, days)), entries)


def _curve(entries: Sequence[ScoreEntry], model: ScoreModel, now: datetime, days: int) -> Iterator[tuple[date, float]]:
    total, place = 0.0, 0
    today = timezone.localdate(now)
    for day in (today - timedelta(days=back) for back in range(days, -1, -1)):
        end = min(now, timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time())))
        while place < len(entries) and entries[place].occurred_at <= end:
            entry = entries[place]
            total += kept(entry.points, entry.occurred_at, anchor=model.anchor, half_life=model.half_life)
            place += 1
        yield day, faded(total, end, anchor=model.anchor, half_life=model.half_life)
