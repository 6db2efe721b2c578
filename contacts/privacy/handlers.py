"""What each app holds of a person: how it is given to her, and how it is erased. One entry per kind of data.

Apps above register theirs in AppConfig.ready from an explicit list. A test asks the database for every column that
names a contact and fails for one that no entry covers.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from contacts.privacy.people import People
from crm.kit.registry import Registry

type Row = dict[str, Any]
type Read = Callable[[People], Iterator[Row]]
type Erase = Callable[[People, int], int]

_JSONB = 3802  # PostgreSQL's number of the type
_AT_ONCE = 500  # rows fetched at once


@dataclass(frozen=True)
class PersonalData:
    """One kind of data. `columns` ("table.column") are those by which its rows name a contact.

    `read` yields what is held, as JSON values. `erase` changes at most so many rows in the running transaction and
    returns how many; it is called again, each time in a transaction of its own, until it returns 0. It may raise
    NotYet. `stays` says in a sentence what is kept and why, for who decides and for the certificate.
    """

    key: str
    label: Any  # lazily translated
    columns: tuple[str, ...]
    erase: Erase
    read: Read | None = None
    stays: Any = ""


PERSONAL_DATA: Registry[PersonalData] = Registry("personal data", PersonalData, lambda entry: entry.key)


def in_order() -> list[PersonalData]:
    """Return the entries as they are erased: apps above before those below, the person's own record last."""
    return list(reversed(list(PERSONAL_DATA)))


def reading(select: str) -> Read:
    """Return a reader for a SELECT with one parameter, the ids of her records."""

    def read(people: People) -> Iterator[Row]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(select, [people.array])
            while rows := cursor.fetchmany(_AT_ONCE):
                columns = cursor.description
                yield from (_read(columns, row) for row in rows)

    return read


def _read(columns: Sequence[Any], row: Sequence[Any]) -> Row:
    """Return a row by the names of its columns; Django leaves JSON unread."""
    return {
        column.name: json.loads(value) if column.type_code == _JSONB and isinstance(value, str) else value
        for column, value in zip(columns, row, strict=True)
    }


def running(statement: str) -> Erase:
    """Return an eraser for a statement with the parameters %(ids)s and %(limit)s; it counts the rows it changes."""

    def erase(people: People, limit: int) -> int:
        return run(statement, {"ids": people.array, "limit": limit})

    return erase


def deleting(table: str, column: str = "contact_id") -> Erase:
    """Return an eraser that deletes the rows of `table` whose `column` is one of her records."""
    return running(
        f"DELETE FROM {table} WHERE {column} = ANY(%(ids)s) AND ctid = ANY(ARRAY("  # noqa: S608 - names are ours
        f"SELECT ctid FROM {table} WHERE {column} = ANY(%(ids)s) LIMIT %(limit)s))"
    )


def rows(
    key: str, label: Any, table: str, *, column: str = "contact_id", select: str = "", stays: Any = ""
) -> PersonalData:
    """Return the entry of one table whose rows are deleted."""
    return PersonalData(
        key, label, (f"{table}.{column}",), deleting(table, column), reading(select) if select else None, stays
    )


def run(statement: str, params: dict[str, Any]) -> int:
    """Run a statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)
