"""The lifecycle map: the stages in use as columns, with the people the reader may see and this week's arrivals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse

from contacts.people.models import ContactQuerySet
from contacts.stages.models import Stage
from crm.home.passage import Passage

WEEK = timedelta(days=7)


class StageCount(NamedTuple):
    """People now at a stage (None: at none), who came to it within a week, who of them was added within a week."""

    stage: int | None
    people: int
    came: int
    new: int


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


def map_of(rows: list[StageCount], gone_on: dict[int, Passage], stages: list[Stage]) -> LifecycleMap:
    """Return the map of `stages` from what was counted and how people went on."""
    placed = {row.stage: row for row in rows}
    total = sum(row.people for row in rows)
    none = StageCount(None, 0, 0, 0)
    columns = [_column(stage, placed.get(stage.pk, none), total, gone_on.get(stage.pk)) for stage in stages]
    return LifecycleMap(
        columns=columns,
        unplaced=total - sum(column.people for column in columns),
        unplaced_url=people_url(stage="none"),
        total=total,
        new=sum(row.new for row in rows),
    )


def people_url(**query: Any) -> str:
    """Return the address of the list of people with these filters."""
    return reverse("contacts:people", query=query)


def _column(stage: Stage, row: StageCount, total: int, passage: Passage | None) -> Column:
    return Column(
        label=stage.label,
        team=stage.get_team_display(),
        people=row.people,
        came=row.came,
        share=row.people / total if total else None,
        url=people_url(stage=stage.pk),
        passage=passage,
    )


def counts(people: ContactQuerySet, now: datetime) -> list[StageCount]:
    """Count `people` by stage."""
    since = now - WEEK
    rows = (
        people.order_by()
        .values_list("stage")
        .annotate(
            people=Count("pk"),
            came=Count("pk", filter=Q(stage_since__gte=since)),
            new=Count("pk", filter=Q(created_at__gte=since)),
        )
    )
    return [StageCount(*row) for row in rows]
