"""The dry run: how many people would be new, changed, unchanged, with samples and what would change."""

from typing import Any

from django.db import connection

from contacts.imports import matching
from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan
from contacts.imports.stage import table_of

SAMPLE = 20
_COUNT = """
SELECT count(*) FILTER (WHERE known.id IS NULL), count(*) FILTER (WHERE known.id IS NOT NULL AND {differs}), count(*)
FROM {table} s {known} LEFT JOIN contacts_contact c ON c.id = known.id
WHERE s.line > %s AND s.line <= %s
"""
_EXCLUDED = """
SELECT count(*) FILTER (WHERE s.excluded IS NOT NULL AND x.id IS NULL), count(*)
FROM {table} s LEFT JOIN contacts_suppression x ON x.email_key = s.email_key WHERE s.line > %s AND s.line <= %s
"""
_NEW = """
SELECT s.line, s.email, s.name, s.company, s.phone FROM {table} s {known}
WHERE known.id IS NULL AND s.line > %s AND s.line <= %s ORDER BY s.line LIMIT %s
"""
_CHANGED = """
SELECT s.line, s.email, coalesce(nullif(c.name, ''), s.email), c.id, {before}, {after}
FROM {table} s {known} JOIN contacts_contact c ON c.id = known.id
WHERE {differs} AND s.line > %s AND s.line <= %s ORDER BY s.line LIMIT %s
"""
_CONSENT = "count(*) FILTER (WHERE substr(consents, {place}, 1) = '{mark}')"
_CONSENTS = "SELECT {counts} FROM {table} WHERE line > %s AND line <= %s"


def empty() -> dict[str, Any]:
    """Return a preview of no rows."""
    return {
        "new": 0,
        "changed": 0,
        "unchanged": 0,
        "excluded": 0,
        "new_sample": [],
        "changed_sample": [],
        "consents": {},
    }


def add_range(job: ImportJob, plan: Plan, preview: dict[str, Any], after: int, upto: int) -> dict[str, Any]:
    """Return `preview` with the staged rows of lines after..upto counted in; JSON as the job keeps it."""
    excluded, rows = _excluded(job, after, upto) if plan.excludes else (0, 0)
    if not plan.makes_people:
        counted = {"new": excluded, "unchanged": rows - excluded, "excluded": excluded}
        return {**preview, **{name: preview[name] + number for name, number in counted.items()}}
    table, known, differs = table_of(job), matching.KNOWN, matching.differs(plan)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(table=table, known=known, differs=differs), [after, upto])
        new, changed, rows = cursor.fetchone()
        samples = {"new_sample": preview["new_sample"], "changed_sample": preview["changed_sample"]}
        if (room := SAMPLE - len(samples["new_sample"])) and new:
            cursor.execute(_NEW.format(table=table, known=known), [after, upto, room])
            samples["new_sample"] = samples["new_sample"] + [list(row) for row in cursor.fetchall()]
        if (room := SAMPLE - len(samples["changed_sample"])) and changed:
            samples["changed_sample"] = samples["changed_sample"] + _changes(job, plan, after, upto, room)
        said = _consents(job, plan, after, upto)
    counted = {"new": new, "changed": changed, "unchanged": rows - new - changed, "excluded": excluded}
    totals = {name: preview[name] + number for name, number in counted.items()}
    kept = preview["consents"]
    summed = {
        key: [old + add for old, add in zip(kept.get(key, [0, 0, 0]), more, strict=True)] for key, more in said.items()
    }
    return {**totals, **samples, "consents": summed}


def _excluded(job: ImportJob, after: int, upto: int) -> tuple[int, int]:
    """Return how many mailboxes of the rows would newly be left out, and how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute(_EXCLUDED.format(table=table_of(job)), [after, upto])
        excluded, rows = cursor.fetchone()
    return int(excluded), int(rows)


def _changes(job: ImportJob, plan: Plan, after: int, upto: int, room: int) -> list[dict[str, Any]]:
    columns = plan.changing
    statement = _CHANGED.format(
        table=table_of(job),
        known=matching.KNOWN,
        differs=matching.differs(plan),
        before=", ".join(matching.as_text(column, f"c.{column}") for column in columns),
        after=", ".join(matching.as_text(column, matching.taken(plan, column)) for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [after, upto, room])
        rows = cursor.fetchall()
    return [
        {
            "line": line,
            "email": email,
            "name": name,
            "contact": contact,
            "fields": [
                [column, old or "", new or ""]
                for column, old, new in zip(columns, rest[: len(columns)], rest[len(columns) :], strict=True)
                if (old or "") != (new or "")
            ],
        }
        for line, email, name, contact, *rest in rows
    ]


def _consents(job: ImportJob, plan: Plan, after: int, upto: int) -> dict[str, list[int]]:
    """Return for each consent column of the file how many agree, refuse, and say nothing."""
    if not plan.consents:
        return {}
    counts = ", ".join(
        _CONSENT.format(place=place, mark=mark) for place in range(1, len(plan.consents) + 1) for mark in "yn-"
    )
    with connection.cursor() as cursor:
        cursor.execute(_CONSENTS.format(counts=counts, table=table_of(job)), [after, upto])
        numbers = list(cursor.fetchone())
    return {field.key: numbers[3 * place : 3 * place + 3] for place, field in enumerate(plan.consents)}
