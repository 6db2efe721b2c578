"""What a removal of the demo data takes away and what it leaves, as things stand. Read by the page and by the job."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from campaigns.templating.models import MailTemplate
from contacts.attributes.models import Attribute
from contacts.imports.models import ImportSource
from contacts.segments.models import Segment
from crm.runtime.demo.removal.nouns import NOUNS, Noun
from crm.team import demo
from crm.team.models import Role, User
from crm.team.trail.kinds import tables
from crm.team.trail.models import TrailEntry
from journeys.journey.models import Journey, JourneyVersion

# Of the demo's people those stay who became one with somebody of the company's own.
_PEOPLE = """
WITH family AS MATERIALIZED (
    SELECT id, contact_root(id) AS root, id BETWEEN %(first)s AND %(last)s AS is_demo FROM contacts_contact
    WHERE id BETWEEN %(first)s AND %(last)s OR merged_into_id IS NOT NULL
), mixed AS (
    SELECT root FROM family GROUP BY root HAVING NOT bool_and(is_demo AND root BETWEEN %(first)s AND %(last)s)
)
SELECT id, root NOT IN (SELECT root FROM mixed) FROM family WHERE is_demo ORDER BY id
"""


@dataclass(frozen=True)
class Kept:
    """An object of the demo that stays: `why` is "changed" by somebody since, or "used" by something that stays."""

    noun: Noun
    id: int
    name: str
    why: str


@dataclass(frozen=True)
class Plan:
    """`people`, `orders`: ids that go; `stayed`: demo people who stay; `going`: ids by the key of their noun."""

    people: list[int]
    stayed: list[int]
    going: dict[str, list[int]]
    kept: list[Kept]


def plan() -> Plan:
    """Read what goes and what stays. Nothing is changed."""
    marks = demo.ranges()
    people, stayed = _people(marks.get("contacts_contact", (0, -1)))
    found = {noun.key: _rows(noun, marks) for noun in NOUNS}
    why = {noun.key: dict.fromkeys(_changed(noun, found[noun.key]), "changed") for noun in NOUNS}
    first, last = marks.get("contacts_contact", (0, -1))
    params = {"first": first, "last": last, "kept": stayed}
    for word, table in (("note", "contacts_note"), ("user", "team_user")):
        params[f"first_{word}"], params[f"last_{word}"] = marks.get(table, (0, -1))
    while _use(found, why, params):
        pass
    kept = [
        Kept(noun, number, found[noun.key][number].name, reason)
        for noun in NOUNS
        for number, reason in sorted(why[noun.key].items())
    ]
    return Plan(people, stayed, {key: sorted(rows.keys() - why[key].keys()) for key, rows in found.items()}, kept)


@dataclass(frozen=True)
class _Row:
    name: str
    key: str  # of an attribute: texts name it


def _people(marked: tuple[int, int]) -> tuple[list[int], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"first": marked[0], "last": marked[1]})
        rows = cursor.fetchall()
    return [number for number, goes in rows if goes], [number for number, goes in rows if not goes]


def _rows(noun: Noun, marks: Mapping[str, tuple[int, int]]) -> dict[int, _Row]:
    """Return the demo's rows of this noun that are still there."""
    if noun.table not in marks:
        return {}
    rows = noun.model._base_manager.filter(pk__range=marks[noun.table]).order_by("pk")
    return {row.pk: _Row(getattr(row, noun.named), row.key if isinstance(row, Attribute) else "") for row in rows}


def _changed(noun: Noun, rows: Mapping[int, _Row]) -> set[int]:
    """Return those which the trail tells somebody changed. What the demo did itself nobody did."""
    kinds = [kind.key for kind, table in tables() if table.model is noun.model]
    found = TrailEntry.objects.filter(kind__in=kinds, object_id__in=rows.keys(), by__isnull=False)
    return {number for number in found.values_list("object_id", flat=True) if number is not None}


def _use(found: Mapping[str, Mapping[int, _Row]], why: dict[str, dict[int, str]], params: Mapping[str, Any]) -> bool:
    """Note what is used by something that stays; return whether there was something new."""
    going = {key: sorted(rows.keys() - why[key].keys()) for key, rows in found.items()}
    said, new = _said(going), False
    for noun in NOUNS:
        rows = found[noun.key]
        used = _used(noun, going, params) | {
            number for number in going[noun.key] if _is_said(noun, number, rows[number], said)
        }
        for number in used & set(going[noun.key]):
            why[noun.key][number], new = "used", True
    return new


def _used(noun: Noun, going: Mapping[str, list[int]], params: Mapping[str, Any]) -> set[int]:
    if not going[noun.key]:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(noun.used, {**going, **params, "ids": going[noun.key]})
        return {number for (number,) in cursor.fetchall()}


def _is_said(noun: Noun, number: int, row: _Row, said: set[tuple[str, int | str]]) -> bool:
    if any((word, number) in said for word in noun.words):
        return True
    return bool(row.key) and any(isinstance(leaf, str) and row.key in leaf for _word, leaf in said)


def _said(going: Mapping[str, list[int]]) -> set[tuple[str, int | str]]:
    """Return numbers and texts in what stays, each with the word beside it: "tags" and 3, "template" and 12."""
    segments = Segment.objects.exclude(pk__in=going["segments"]).values_list("definition", flat=True)
    journeys = Journey.objects.exclude(pk__in=going["journeys"]).values_list("draft", flat=True)
    versions = JourneyVersion.objects.exclude(journey__in=going["journeys"]).values_list("graph", flat=True)
    templates = MailTemplate.objects.exclude(pk__in=going["templates"]).values_list("draft", flat=True)
    sources = ImportSource.objects.values_list("plan", flat=True)
    return {
        leaf for rows in (segments, journeys, versions, templates, sources) for row in rows for leaf in _leaves(row)
    }


def _leaves(value: Any, word: str = "") -> Iterator[tuple[str, int | str]]:
    """Yield numbers and texts of a JSON value, each under its key; a rule's field or subject stands for the key."""
    if isinstance(value, dict):
        about = value.get("field", value.get("type"))
        for key, held in value.items():
            yield from _leaves(held, about if key in ("value", "keys") and isinstance(about, str) else key)
    elif isinstance(value, list):
        for held in value:
            yield from _leaves(held, word)
    elif isinstance(value, str):
        yield word, int(value) if value.isascii() and value.isdigit() else value
    elif isinstance(value, int):
        yield word, value


def log_ins() -> list[User]:
    """Return the demo's users who may log in still."""
    first, last = demo.ranges().get("team_user", (0, -1))
    return list(User.objects.filter(pk__range=(first, last), is_active=True).order_by("pk"))


def has_own_admin() -> bool:
    """Tell whether an admin beside the demo's may log in: without one nobody could, once the demo's are locked."""
    mine = [user.pk for user in log_ins()]
    return User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk__in=mine).exists()
