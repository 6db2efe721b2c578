"""Giving a person what is held of her: as a file that machines read, and as a page. Called by its page and the API."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.people.models import PeopleExport
from contacts.privacy import words
from contacts.privacy.handlers import PERSONAL_DATA, PersonalData, Row
from contacts.privacy.people import People
from crm.kit import figures
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

FORMAT = "wayfare-person/1"
SHOWN = 20  # rows of a section on the page; the file has all
COUNTED_TO = 10_000
_UNCOUNTED = {"event.origin_contact_id", "contacts_contact.merged_into_id"}  # the same rows once more


@dataclass(frozen=True)
class Section:
    """One kind of data on the page: the names of its columns, some rows as texts, and whether there are more."""

    key: str
    label: Any
    columns: list[str]
    rows: list[list[str]]
    has_more: bool

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell with the name of its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def noted(reason: str, *, by: User, now: datetime) -> PeopleExport:
    """Write down who takes one person's data out, and why. Raises Invalid without a reason."""
    try:
        clean = clean_line(reason)
    except ForbiddenCharacter as error:
        raise Invalid({"reason": _("Line breaks and control characters are not allowed here.")}) from error
    if not 3 <= len(clean) <= 300:
        raise Invalid({"reason": _("Say in a few words what the file is for.")})
    return PeopleExport.objects.create(by=by, at=now, reason=clean, query="", people=1)


def pieces(people: People, now: datetime) -> Iterator[str]:
    """Yield the JSON file piece by piece: `format`, `made_at`, and `data` with a list of rows for each kind."""
    yield json.dumps({"format": FORMAT, "made_at": now.isoformat()})[:-1] + ', "data": {'
    for place, entry in enumerate(_given()):
        yield f'{", " if place else ""}\n{json.dumps(entry.key)}: {{"label": {_json(str(entry.label))}, "rows": ['
        for number, row in enumerate(_rows(entry, people)):
            yield (",\n" if number else "\n") + _json(row)
        yield "]}"
    yield "\n}}\n"


def sections(people: People) -> list[Section]:
    """Return what the page shows: every kind of data of which there is something."""
    found = [_section(entry, people) for entry in _given()]
    return [section for section in found if section.rows]


def counts(people: People) -> dict[str, int]:
    """Return how many rows there are of each kind of data, by key, counted up to COUNTED_TO; one question for all."""
    asked = [(entry.key, *column.split(".")) for entry in PERSONAL_DATA for column in entry.columns
             if column not in _UNCOUNTED]  # fmt: skip
    each = [
        f"SELECT '{key}', (SELECT count(*) FROM (SELECT FROM {table} WHERE {column} = ANY(%(ids)s) "  # noqa: S608 - ours
        f"LIMIT {COUNTED_TO}) AS found)"
        for key, table, column in asked
    ]
    told: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), {"ids": people.array})
        for key, n in cursor.fetchall():
            told[key] = told.get(key, 0) + n
    return told


def _given() -> list[PersonalData]:
    return [entry for entry in PERSONAL_DATA if entry.read is not None]


def _rows(entry: PersonalData, people: People) -> Iterator[Row]:
    assert entry.read
    return entry.read(people)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Return a value of the database as JSON has it: times in ISO 8601, amounts as texts."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)


def _section(entry: PersonalData, people: People) -> Section:
    found = list(islice(_rows(entry, people), SHOWN + 1))
    names = list(dict.fromkeys(name for row in found for name in row if any(_said(r.get(name)) for r in found)))
    shown = [[_said(words.read(name, row.get(name))) for name in names] for row in found[:SHOWN]]
    return Section(entry.key, entry.label, [words.word(name) for name in names], shown, len(found) > SHOWN)


def _said(value: Any) -> str:
    """Return a value as the reader reads it; "" for what says nothing."""
    if value is None or value in ("", {}, []):
        return ""
    for kind, shown in _SHOWN_AS:
        if isinstance(value, kind):
            return shown(value)
    return str(value)


# A datetime is a date too, and a bool a number: the narrower type comes first.
_SHOWN_AS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda value: _("Yes") if value else _("No")),
    (datetime, figures.day_and_time),
    (date, figures.calendar_day),
    (float, lambda value: f"{value:g}"),
    (Decimal, lambda value: f"{value.normalize():f}"),
    ((dict, list), _json),
)
