"""Appending to the ledger. Every door that learns of something calls `append`, inside its own transaction.

Set statements (launch, import) and the tracking batcher write the same columns themselves: see COLUMNS, INSERT, COPY.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import batched, repeat
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.dictionary import Subject, check_subject, kind_ids, subject_ids
from contacts.ledger.errors import WrongEvent
from contacts.ledger.kinds import kind_of

LONGEST_PROPERTIES = 65_536  # bytes of JSON
LONGEST_KEY = 200  # characters
DEEPEST = 32_000
COPY_FROM = 500  # rows: from here on COPY is cheaper than one INSERT (measured by bench/ledger.py)
_LINES_AT_ONCE = 500
_LARGEST = Decimal(10) ** 15

# What a writer gives; id and tx have defaults in the database and must be left out.
COLUMNS = "contact_id, kind_id, subject_id, occurred_at, recorded_at, value, properties, cause, depth"
INSERT = f"INSERT INTO event ({COLUMNS}) "  # a SELECT of these columns follows
COPY = f"COPY event ({COLUMNS}) FROM STDIN"
# Takes (source, keys[], now); returns the keys that are new. Run it in the transaction of the insert.
NEW_KEYS = """
INSERT INTO event_key (source, key, recorded_at)
SELECT %s, key, %s FROM unnest(%s::text[]) AS k(key) ORDER BY key
ON CONFLICT (source, key) DO NOTHING RETURNING key
"""
_INSERT_ARRAYS = f"""
INSERT INTO event ({COLUMNS})
SELECT contact_id, kind_id, subject_id, occurred_at, %s, value, properties::jsonb, cause, depth
FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[], %s::numeric[], %s::text[], %s::bigint[],
            %s::smallint[]) WITH ORDINALITY
     AS e(contact_id, kind_id, subject_id, occurred_at, value, properties, cause, depth, place)
ORDER BY place RETURNING id
"""  # noqa: S608 - COLUMNS is the constant above
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class NewEvent:
    """One thing that happened to one contact.

    `occurred_at` is aware; `value` in the company's currency; `subject` is (type, key), such as ("dispatch", "17");
    a second event of one source with the same `key` is dropped; `cause` is the event that led to this one and
    `depth` its distance from the first cause.
    """

    contact_id: int
    kind: str
    occurred_at: datetime
    subject: Subject | None = None
    value: Decimal | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    cause: int | None = None
    depth: int = 0


def append(events: Iterable[NewEvent], *, source: str, now: datetime) -> list[int]:
    """Append `events`, recorded at `now`, and return the ids of those that are new, in the order given.

    Runs inside the caller's transaction, else in its own. An event whose key was seen from this `source` is left
    out, so a repeat is harmless. A time after `now` becomes `now`; the time given is kept in the properties.
    Raises WrongEvent (UnknownKind) before anything is written.
    """
    checked = [_checked(event, now) for event in events]
    if not checked:
        return []
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        new = _without_repeats(cursor, checked, source, now)
        return _write(cursor, new, now) if new else []


class _Checked(NamedTuple):
    event: NewEvent
    occurred_at: datetime
    properties: str


def _checked(event: NewEvent, now: datetime) -> _Checked:
    kind_of(event.kind)
    if event.subject is not None:
        check_subject(event.subject)
    if event.contact_id <= 0:
        raise WrongEvent(f"{event.kind}: {event.contact_id} is no contact")
    if event.occurred_at.utcoffset() is None:
        raise WrongEvent(f"{event.kind}: occurred_at {event.occurred_at} has no time zone")
    if not 0 <= event.depth <= DEEPEST:
        raise WrongEvent(f"{event.kind}: depth {event.depth}")
    if event.value is not None and not (event.value.is_finite() and abs(event.value) < _LARGEST):
        raise WrongEvent(f"{event.kind}: value {event.value} is no amount")
    if event.key is not None and (not 0 < len(event.key) <= LONGEST_KEY or _UNSTORABLE.search(event.key)):
        raise WrongEvent(f"{event.kind}: a key has 1 to {LONGEST_KEY} characters")
    return _clamped(event, now)


def _clamped(event: NewEvent, now: datetime) -> _Checked:
    if event.occurred_at <= now:
        return _Checked(event, event.occurred_at, properties_json(event.properties))
    claimed = {"claimed_at": event.occurred_at.isoformat()}
    return _Checked(event, now, properties_json({**event.properties, **claimed}))


def properties_json(properties: dict[str, Any]) -> str:
    """Return `properties` as JSON that PostgreSQL can store: NUL and lone surrogates become U+FFFD.

    Raises WrongEvent for what is no JSON, and above 64 KiB.
    """
    if not properties:
        return "{}"
    try:
        text = _encode(properties)
        if "\\u0000" in text or (not text.isascii() and _UNSTORABLE.search(text)):
            text = _encode(_storable(properties))
    except (TypeError, ValueError) as error:
        raise WrongEvent(f"properties are no JSON: {error}") from error
    if len(text) * 4 > LONGEST_PROPERTIES and len(text.encode()) > LONGEST_PROPERTIES:
        raise WrongEvent(f"properties are longer than {LONGEST_PROPERTIES} bytes")
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("�", value)
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _without_repeats(cursor: CursorWrapper, checked: list[_Checked], source: str, now: datetime) -> list[_Checked]:
    keys = {item.event.key for item in checked if item.event.key is not None}
    if not keys:
        return checked
    cursor.execute(NEW_KEYS, [source, now, list(keys)])
    new = {key for (key,) in cursor.fetchall()}
    kept = []
    for item in checked:
        if item.event.key is None or item.event.key in new:
            new.discard(item.event.key)
            kept.append(item)
    return kept


type _Row = tuple[int, int, int | None, datetime, Decimal | None, str, int | None, int]


def _write(cursor: CursorWrapper, items: Sequence[_Checked], now: datetime) -> list[int]:
    rows = _rows(items)
    if len(items) >= COPY_FROM:
        return _copy(cursor, len(items), rows, now)
    cursor.execute(_INSERT_ARRAYS, [now, *(list(column) for column in zip(*rows, strict=True))])
    return [number for (number,) in cursor.fetchall()]


def _rows(items: Sequence[_Checked]) -> Iterator[_Row]:
    """Look the numbers up, and return an iterator: PostgreSQL takes the first rows while the last are made."""
    kinds = kind_ids(item.event.kind for item in items)
    subjects = subject_ids(item.event.subject for item in items if item.event.subject)
    return (
        (
            event.contact_id,
            kinds[event.kind],
            subjects[event.subject] if event.subject else None,
            occurred_at,
            event.value,
            properties,
            event.cause,
            event.depth,
        )
        for event, occurred_at, properties in items
    )


def _copy(cursor: CursorWrapper, count: int, rows: Iterator[_Row], now: datetime) -> list[int]:
    cursor.execute("SELECT nextval('event_id_seq') FROM generate_series(1, %s)", [count])
    ids = [number for (number,) in cursor.fetchall()]
    with cursor.copy(f"COPY event (id, {COLUMNS}) FROM STDIN") as copy:
        for lines in batched(map(_line, ids, rows, repeat(now.isoformat())), _LINES_AT_ONCE, strict=False):
            copy.write("".join(lines))
    return ids


def _line(number: int, row: _Row, recorded: str) -> str:
    """Return a row as COPY reads it: half the cost of the driver's way. JSON holds no raw tab or line break."""
    contact, kind, subject, occurred, value, properties, cause, depth = row
    about = "\\N" if subject is None else subject
    amount = "\\N" if value is None else value
    led_by = "\\N" if cause is None else cause
    if "\\" in properties:
        properties = properties.replace("\\", "\\\\")
    at = occurred.isoformat()
    return f"{number}\t{contact}\t{kind}\t{about}\t{at}\t{recorded}\t{amount}\t{properties}\t{led_by}\t{depth}\n"
