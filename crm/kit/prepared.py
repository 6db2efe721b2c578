"""Statements that PostgreSQL plans once a session, for loops that run the same few: planning may cost more than they.

Only for processes that have their session to themselves: Django leaves preparing off because of poolers.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def prepared_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """Yield a cursor that prepares its statements, on Django's connection, in its transaction and with its errors."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        yield cursor


def array(items: Iterable[object]) -> str:
    """Return numbers, or texts that need no quotes, as PostgreSQL reads an array: a tenth of what the driver takes."""
    return "{" + ",".join(map(str, items)) + "}"
