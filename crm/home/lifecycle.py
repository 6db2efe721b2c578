"""The lifecycle map: the stages in use as columns, with the people the reader may see and this week's arrivals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from contacts.people.models import Contact
from contacts.stages.models import Stage
from crm.home.kept import kept
from crm.home.passage import Passage, passages
from crm.home.whose import whose
from crm.team.models import User

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Column:
    """One stage: its people now, and how many came into it within the last week."""

    label: str
    team: str
    people: int
    came: int
    share: float | None  # of all people on the map; None while there are none
    url: str
    passage: Passage | None = None


@dataclass(frozen=True)
class LifecycleMap:
    """All stages in order; `unplaced` people stand in none."""

    columns: list[Column]
    unplaced: int
    unplaced_url: str
    total: int
    new: int  # added within the last week, in any stage or none

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nobody yet."""
        return self.total == 0


def map_for(user: User, stages: list[Stage], now: datetime) -> LifecycleMap:
    """Return the map of `stages` with the people `user` may see; some seconds old where counting is slow."""
    counts = kept(f"lifecycle:{whose(user)}", lambda: _counts(user, now))
    placed = {stage.pk: counts.get(stage.pk, (0, 0, 0)) for stage in stages}
    total = sum(people for people, _came, _new in counts.values())
    gone_on = passages(user, stages, now)
    columns = [_column(stage, placed[stage.pk], total, gone_on.get(stage.pk)) for stage in stages]
    return LifecycleMap(
        columns=columns,
        unplaced=total - sum(column.people for column in columns),
        unplaced_url=people_url(stage="none"),
        total=total,
        new=sum(new for _people, _came, new in counts.values()),
    )


def people_url(**query: Any) -> str:
    """Return the address of the list of people with these filters."""
    return reverse("contacts:people", query=query)


def _column(stage: Stage, counts: tuple[int, int, int], total: int, passage: Passage | None) -> Column:
    people, came, _new = counts
    return Column(
        label=stage.label,
        team=stage.get_team_display(),
        people=people,
        came=came,
        share=people / total if total else None,
        url=people_url(stage=stage.pk),
        passage=passage,
    )


def _counts(user: User, now: datetime) -> dict[int | None, tuple[int, int, int]]:
    """Return (people, came this week, added this week) by stage id, None for no stage."""
    since = now - WEEK
    rows = (
        Contact.objects.visible_to(user)
        .order_by()
        .values_list("stage")
        .annotate(
            people=Count("pk"),
            came=Count("pk", filter=Q(stage_since__gte=since)),
            new=Count("pk", filter=Q(created_at__gte=since)),
        )
    )
    return {stage: (people, came, new) for stage, people, came, new in rows}
