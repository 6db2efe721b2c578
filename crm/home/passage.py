"""How people pass from stage to stage: of those who came in of late, who went on, and after how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from contacts.people.models import ContactQuerySet
from contacts.stages.models import Stage

WINDOW = timedelta(days=90)

# Each stay ends with the person's next move; it counts as going on when that move leads to a later stage. Moves that a
# change of the stage model made are no moves of people.
_PASSAGES = """
WITH stays AS (
    SELECT (e.properties ->> 'to_id')::bigint AS stage_id, e.occurred_at AS came,
        lead((e.properties ->> 'to_id')::bigint) OVER later AS next_id, lead(e.occurred_at) OVER later AS went
    FROM event e
    WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'stage.entered')
      AND e.occurred_at >= %s AND e.occurred_at <= %s AND e.properties ->> 'cause' IS DISTINCT FROM 'model'
      AND e.contact_id IN ({people})
    WINDOW later AS (PARTITION BY e.contact_id ORDER BY e.occurred_at, e.id)
)
SELECT s.stage_id, count(*), count(n.id),
    extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY s.went - s.came)
        FILTER (WHERE n.id IS NOT NULL))::float8
FROM stays s JOIN contacts_stage own ON own.id = s.stage_id
LEFT JOIN contacts_stage n ON n.id = s.next_id AND n.position > own.position
GROUP BY s.stage_id
"""


class PassageCount(NamedTuple):
    """Stays at a stage, how many of them ended at a later one, and the median of these, in seconds."""

    stage: int
    came: int
    went: int
    seconds: float | None


@dataclass(frozen=True)
class Passage:
    """Of `came` stays in the last 90 days the share that ended at a later stage; half of those within `days`."""

    came: int
    share: float
    days: float | None


def passages(counted: list[PassageCount], stages: list[Stage]) -> dict[int, Passage]:
    """Return the passage of each of `stages` (by id) that anybody entered in the last 90 days."""
    wanted = {stage.pk for stage in stages}
    return {
        row.stage: Passage(row.came, row.went / row.came, None if row.seconds is None else row.seconds / 86_400)
        for row in counted
        if row.stage in wanted
    }


def rows(people: ContactQuerySet, now: datetime) -> list[PassageCount]:
    """Count the stays of `people` that began in the last 90 days."""
    visible, params = people.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_PASSAGES.format(people=visible), [now - WINDOW, now, *params])
        return [PassageCount(*row) for row in cursor.fetchall()]
