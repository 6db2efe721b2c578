"""A batch: enrolments due at one step, held in a temporary table while the step's kind works on them in sets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from campaigns.sending.queries import usual_share
from contacts.segments.rules.moment import Moment

TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS journey_batch (
    id bigint, contact_id bigint, key text, visit integer, at timestamptz, arrived_at timestamptz,
    entered_at timestamptz, cause bigint, first boolean NOT NULL DEFAULT true, outlet text, facts jsonb
) ON COMMIT DELETE ROWS
"""


@dataclass(frozen=True)
class Place:
    """The step at which the batch is: its row (`step_id`), its key in the graph, its cleaned settings.

    `dispatch_id` is that of a step that mails. `mails` are the steps of the same version that mail: dispatch by key.
    `name` is what its author calls it.
    """

    step_id: int
    key: str
    version_id: int
    journey_id: int
    cleaned: Mapping[str, Any]
    dispatch_id: int | None = None
    mails: Mapping[str, int] | None = None
    name: str = ""
    journey_name: str = ""


@dataclass(frozen=True)
class Batch:
    """What a step kind gets.

    `rows` is the name of a table to read FROM and to UPDATE: id (of the enrolment), contact_id, key (of the trigger's
    object, ""), visit (which stop of her way this is), at (the row's own time: now, or a time of the past in a
    rehearsal), arrived_at (at this step), entered_at (in the journey), cause (the event that brought her in), first
    (she is looked at for the first time on this visit of the step), outlet and facts (null, to be filled by `act`).
    `moment` is for rules (Rule.test, over an alias c of contacts_contact).
    """

    cursor: CursorWrapper
    rows: str
    size: int
    place: Place
    moment: Moment
    rehearsing: bool = False
    traces: str = "journeys_trace"  # where the steps that the batch's people took stand, with its columns
    share: Callable[[tuple[str, ...]], float] = usual_share  # how many usually do this with a mail: for rehearsals

    @property
    def now(self) -> datetime:
        """The time of the pass (UTC)."""
        return self.moment.now

    @property
    def cleaned(self) -> Mapping[str, Any]:
        """The step's settings."""
        return self.place.cleaned

    def run(self, sql: str, *params: Any) -> None:
        """Execute one statement; {rows} in it is the table."""
        self.cursor.execute(sql.replace("{rows}", self.rows), params)
