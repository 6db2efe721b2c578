"""The temporary tables of a rehearsal: who would come in, who is where, and the batch a step kind works on.

They live in one database session and nowhere else, so a rehearsal leaves no trace, whatever becomes of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

BATCH = "rehearsal_batch"
TRACES = "rehearsal_trace"
_NAMES = ("rehearsal_start", "rehearsal_inside", "rehearsal_mail", BATCH, TRACES)
_MAKE = """
CREATE TEMPORARY TABLE rehearsal_start (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contact_id bigint, key text, at timestamptz, cause bigint,
    facts jsonb, refused text NOT NULL DEFAULT '', taken boolean NOT NULL DEFAULT false
);
CREATE TEMPORARY TABLE rehearsal_inside (
    id bigint PRIMARY KEY, contact_id bigint, key text, step text, visit integer, at timestamptz,
    arrived_at timestamptz, entered_at timestamptz, cause bigint,
    ended text NOT NULL DEFAULT '', ended_at timestamptz, goal_at timestamptz, sampled boolean
);
CREATE INDEX ON rehearsal_inside (step) WHERE ended = '';
CREATE TEMPORARY TABLE rehearsal_trace (
    enrolment_id bigint, visit integer, contact_id bigint, step_id bigint, outlet text, arrived_at timestamptz,
    left_at timestamptz, facts jsonb
);
CREATE INDEX ON rehearsal_trace (enrolment_id);
CREATE TEMPORARY TABLE rehearsal_mail (contact_id bigint, at timestamptz);
CREATE INDEX ON rehearsal_mail (contact_id, at);
CREATE TEMPORARY TABLE rehearsal_batch (
    id bigint, contact_id bigint, key text, visit integer, at timestamptz, arrived_at timestamptz,
    entered_at timestamptz, cause bigint, first boolean NOT NULL DEFAULT true, outlet text, facts jsonb
);
"""


@contextmanager
def tables() -> Iterator[CursorWrapper]:
    """Make the tables for this session and drop them at the end; yields a cursor."""
    with connection.cursor() as cursor:
        _drop(cursor)
        cursor.execute(_MAKE)
        try:
            yield cursor
        finally:
            if connection.is_usable():
                _drop(cursor)


def _drop(cursor: CursorWrapper) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(_NAMES)}")
