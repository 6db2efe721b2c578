"""The lifecycle map: the stages in use as columns, with the people the reader may see and this week's moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse

from contacts.people.models import ContactQuerySet
from contacts.stages.models import Stage
from crm.home.moves import Turnover
from crm.home.passage import WINDOW, Passage

WEEK = timedelta(days=7)


class StageCount(NamedTuple):
    """People now at a stage (None: at none), and how many of them were added within a week."""

    stage: int | None
    people: int
    new: int


_NOBODY = StageCount(None, 0, 0)
_STILL = Turnover("", 0, 0)


@dataclass(frozen=True)
class Column:
    """One stage: its people now, who came in and went out within the last week; each number with its people's page."""

    label: str
    team: str
    people: int
    came: int
    went: int
    share: float | None  # of all people on the map; None while there are none
    url: str
    came_url: str
    went_url: str
    on_url: str
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


def map_of(
    rows: list[StageCount], turnover: list[Turnover], gone_on: dict[int, Passage], stages: list[Stage]
) -> LifecycleMap:
    """Return the map of `stages` from what was counted, who came and went in a week, and how people went on."""
    turned = {row.stage: row for row in turnover}
    placed = {row.stage: row for row in rows}
    total = sum(row.people for row in rows)
    columns = [
        _column(stage, placed.get(stage.pk, _NOBODY), total, turned.get(str(stage.pk), _STILL), gone_on.get(stage.pk))
        for stage in stages
    ]
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


def moved_url(way: str, stage_id: int, days: int) -> str:
    """Return the page of the people who moved this way (contacts.stages.filters)."""
    return people_url(moved=f"{way}:{stage_id}:{days}")


def _column(stage: Stage, row: StageCount, total: int, turned: Turnover, passage: Passage | None) -> Column:
    return Column(
        label=stage.label,
        team=stage.get_team_display(),
        people=row.people,
        came=turned.came,
        went=turned.went,
        share=row.people / total if total else None,
        url=people_url(stage=stage.pk),
        came_url=moved_url("in", stage.pk, WEEK.days),
        went_url=moved_url("out", stage.pk, WEEK.days),
        on_url=moved_url("on", stage.pk, WINDOW.days),
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
            new=Count("pk", filter=Q(created_at__gte=since)),
        )
    )
    return [StageCount(*row) for row in rows]
