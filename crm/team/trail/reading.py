"""Entries as they are shown: names for columns, labels for choices and for rows that a value points at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateTimeField, Field, ForeignKey, JSONField, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.kit.figures import day_and_time
from crm.team.models import TrailEntry, User
from crm.team.trail import words
from crm.team.trail.kinds import find

LONGEST = 200


@dataclass(frozen=True)
class Change:
    """One field: its name, and what it was and is ("" for nothing)."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One entry in words. `url` is the object's page or ""; `thing` its kind."""

    entry: TrailEntry
    who: str
    verb: str
    thing: str
    part: str
    label: str
    url: str
    changes: Sequence[Change]


def lines(entries: Iterable[TrailEntry], reader: User) -> list[Line]:
    """Return the entries in words; rows pointed at cost one query for each of their tables."""
    entries = list(entries)
    names = _Names(entries, reader)
    return [_line(entry, names) for entry in entries]


def _line(entry: TrailEntry, names: "_Names") -> Line:
    kind = find(entry.kind)
    return Line(
        entry=entry,
        who=str(entry.by) if entry.by else _("The system"),
        verb=str(words.VERBS.get(entry.verb, entry.verb)),
        thing=str(kind.label) if kind else entry.kind,
        part=str(words.PARTS.get(entry.part, entry.part)),
        label=entry.label or names.of_object(entry),
        url=kind.url(entry.object_id) if (kind and entry.verb != "deleted") or (entry.part and kind) else "",
        changes=_changes(entry, names),
    )


def _changes(entry: TrailEntry, names: "_Names") -> list[Change]:
    before, after = entry.before or {}, entry.after or {}
    keys = sorted({*before, *after})
    return [
        Change(_field_name(entry, key), names.shown(entry, key, before), names.shown(entry, key, after)) for key in keys
    ]


@cache
def _model(kind: str, part: str) -> type[Model] | None:
    known = find(kind)
    found = [table.model for table in known.tables if table.part == part] if known else []
    return found[0] if found else None


@cache
def _field(kind: str, part: str, column: str) -> "Field[Any, Any] | None":
    model = _model(kind, part)
    try:
        field = model._meta.get_field(column.removesuffix("_id")) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _field_name(entry: TrailEntry, column: str) -> str:
    field = _field(entry.kind, entry.part, column)
    if field is not None and isinstance(field.verbose_name, Promise):
        return capfirst(str(field.verbose_name))
    return str(words.FIELDS.get(column.removesuffix("_id"), column.rpartition(".")[2]))


class _Names:
    """The labels of all rows that the values of some entries point at."""

    def __init__(self, entries: Iterable[TrailEntry], reader: User) -> None:
        wanted: dict[type[Model], set[int]] = defaultdict(set)
        for entry in entries:
            for key, value in [*(entry.before or {}).items(), *(entry.after or {}).items()]:
                field = _field(entry.kind, entry.part, key)
                if isinstance(field, ForeignKey) and isinstance(value, int):
                    wanted[field.related_model].add(value)
            model = _model(entry.kind, "")
            if model and entry.object_id and not entry.label:
                wanted[model].add(entry.object_id)
        self._labels = {model: _labels(model, ids, reader) for model, ids in wanted.items()}

    def of_object(self, entry: TrailEntry) -> str:
        """Return the name of an entry's object where the entry itself has none, as that of a tag put on a person."""
        if entry.object_id is None:
            return ""
        model = _model(entry.kind, "")
        return self._labels.get(model, {}).get(entry.object_id, f"#{entry.object_id}") if model else ""

    def shown(self, entry: TrailEntry, key: str, values: Mapping[str, Any]) -> str:
        """Return one value in words, "" when it is not there."""
        if key not in values or values[key] is None:
            return ""
        field, value = _field(entry.kind, entry.part, key), values[key]
        if isinstance(field, ForeignKey):
            return self._labels.get(field.related_model, {}).get(value, f"#{value}")
        if isinstance(value, str) and value in words.VALUES.get(key, {}):
            return str(words.VALUES[key][value])
        return _plain(field, value)[:LONGEST]


def _plain(field: "Field[Any, Any] | None", value: Any) -> str:
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool) or isinstance(field, BooleanField):
        return _("Yes") if value else _("No")
    if isinstance(field, JSONField) or isinstance(value, dict):
        return _("(rules and layout: see its versions)")
    if isinstance(field, DateTimeField) and isinstance(value, str):
        return day_and_time(datetime.fromisoformat(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _labels(model: type[Model], ids: set[int], reader: User) -> dict[int, str]:
    """Return the rows' labels; of people only those whom the reader may see."""
    rows = model._default_manager.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(reader)
    return {row.pk: str(row) for row in rows.filter(pk__in=ids)}
