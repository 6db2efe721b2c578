"""Statements of the bench of segments: how long one takes, and by how many people two differ."""

from typing import Any

import psycopg

from bench.harness import timed


class Timed:
    """A statement; a call runs it and returns the seconds."""

    def __init__(self, cursor: psycopg.ClientCursor, text: str, params: Any) -> None:
        self.bound = cursor.mogrify(text, params)
        self._cursor = cursor

    def __call__(self) -> float:
        """Run it, counting in the server."""
        return timed(lambda: self._cursor.execute(f"SELECT count(*) FROM ({self.bound}) AS found"))


def difference(cursor: psycopg.ClientCursor, one: Timed, other: Timed) -> int:
    """Return how many rows one of both gives and the other does not."""
    both = f"(({one.bound}) EXCEPT ({other.bound})) UNION ALL (({other.bound}) EXCEPT ({one.bound}))"
    cursor.execute(f"SELECT count(*) FROM ({both}) AS apart")
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
