"""Where a person may be spoken of without her number: refused rows, samples and files of imports, notices, errors."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.exports.jobs import drop_files
from contacts.exports.models import Export
from contacts.imports import jobs
from contacts.imports.forgetting import GONE
from contacts.imports.models import ImportJob
from contacts.privacy.handlers import PersonalData, reading, run
from contacts.privacy.people import People
from crm.kit import clock
from crm.kit.work import NotYet, WorkRow, WorkState
from crm.team.trail.record import blank_entries

_PIECE = 1 << 20
_REFUSALS = """
UPDATE contacts_importrefusal SET "row" = '', value = CASE WHEN value = '' THEN '' ELSE %(gone)s END
WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_importrefusal
    WHERE lower("row") LIKE ANY(%(who)s) OR lower(value) LIKE ANY(%(who)s) LIMIT %(limit)s))
"""
_BEFORE = """
UPDATE contacts_importrange SET before = (
    SELECT coalesce(jsonb_agg(b), '[]') FROM jsonb_array_elements(before) AS b
    WHERE NOT (b ->> 'id')::bigint = ANY(%(ids)s)
)
WHERE EXISTS (SELECT FROM jsonb_array_elements(before) AS b WHERE (b ->> 'id')::bigint = ANY(%(ids)s))
"""
_SAMPLES = """
UPDATE contacts_importjob SET sample = '[]', preview = preview - 'new_sample' - 'changed_sample'
WHERE (sample <> '[]' OR preview ?| ARRAY['new_sample', 'changed_sample'])
  AND (lower(sample::text) LIKE ANY(%(who)s) OR lower(preview::text) LIKE ANY(%(who)s))
"""
_NOTICES = """
DELETE FROM team_notice WHERE id = ANY(ARRAY(
    SELECT id FROM team_notice WHERE url ~ %(pages)s LIMIT %(limit)s))
"""
_NOTICES_TOLD = "DELETE FROM team_notice WHERE id = ANY(%(told)s)"
_NOTICE_TEXTS = """
SELECT id, lower(concat_ws(E'\\n', text, url)) FROM team_notice WHERE id > %s ORDER BY id LIMIT %s
"""
_QUERIES = """
UPDATE contacts_peopleexport SET query = ''
WHERE query <> '' AND (lower(query) LIKE ANY(%(who)s) OR lower(reason) LIKE ANY(%(who)s))
"""
# An erasure of many knows numbers alone; while it still looks for its people it must not go on with a search emptied.
_ACTS = """
UPDATE contacts_bulkact SET query = '',
    params = CASE WHEN params ? 'erasure' AND step <> 'gathering' THEN params ELSE '{}' END
WHERE lower(query) LIKE ANY(%(who)s) OR NOT params ? 'erasure' AND lower(params::text) LIKE ANY(%(who)s)
"""
_TRAIL = """
SELECT id FROM team_trail WHERE (label <> '' OR before IS NOT NULL OR after IS NOT NULL) AND (
    kind = 'contact' AND object_id = ANY(%(ids)s)
    OR kind = 'order' AND object_id IN (SELECT id FROM contacts_order WHERE contact_id = ANY(%(ids)s))
) LIMIT %(limit)s
"""
_TRAIL_TEXTS = """
SELECT id, lower(concat_ws(E'\\n', label, before, after)) FROM team_trail
WHERE id > %s AND (label <> '' OR before IS NOT NULL OR after IS NOT NULL) ORDER BY id LIMIT %s
"""
_TRAIL_TOLD = """
SELECT t.at, t.verb AS what, t.part AS about, u.name AS recorded_by, t.before, t.after FROM team_trail t
LEFT JOIN team_user u ON u.id = t.by_id WHERE t.kind = 'contact' AND t.object_id = ANY(%s) ORDER BY t.id
"""
# A text in which a machine quotes an address is thrown away whole.
_TEXT = "UPDATE {table} SET {column} = '' WHERE {column} <> '' AND lower({column}) LIKE ANY(%(addresses)s)"


def _words(people: People, limit: int) -> dict[str, Any]:
    pages = "^/(people|leads)/(" + "|".join(str(number) for number in people.ids) + ")(/|$|[?])"
    return {
        "who": people.patterns(), "addresses": people.address_patterns, "pages": pages, "gone": GONE, "limit": limit
    }  # fmt: skip


def _imports(people: People, limit: int) -> int:
    """Empty refused rows, samples and before-values that speak of them; cancel imports that wait with such a file."""
    forgotten = run(_BEFORE, {"ids": people.array})
    if not people.mentions:
        return forgotten
    words = _words(people, limit)
    return (
        forgotten + run(_REFUSALS, words) + run(_SAMPLES, words) + sum(_file_gone(job, people) for job in _with_files())
    )


def _with_files() -> Iterator[ImportJob]:
    yield from ImportJob.objects.exclude(file="").filter(finished_at=None).order_by("pk")


def _file_gone(job: ImportJob, people: People) -> int:
    """Cancel an import whose file names them. One that runs is waited for: it refuses the rows."""
    if not _names(job, people):
        return 0
    if job.state in (WorkState.READY, WorkState.LEASED):
        if people.patient:
            raise NotYet(f"import {job.pk} is reading a file with their rows")
        return 0
    jobs.cancel(job, now=clock.now())
    return 1


def _names(job: ImportJob, people: People) -> bool:
    """Tell whether the file holds one of their addresses, reading it piece by piece."""
    wanted = [email.encode(job.encoding or "utf-8") for email in people.emails]
    longest = max((len(text) for text in wanted), default=0)
    rest = b""
    with job.file.open("rb") as file:
        while piece := file.read(_PIECE):
            held = (rest + piece).lower()
            if any(text in held for text in wanted):
                return True
            rest = held[-longest:] if longest else b""
    return False


def _notices(people: People, limit: int) -> int:
    found = run(_NOTICES, _words(people, limit))
    return found or run(_NOTICES_TOLD, {"told": people.finder.ids(_NOTICE_TEXTS, limit)})


def _texts(people: People, limit: int) -> int:
    """Empty the errors of work and the log of exports where they quote an address or a search for a name."""
    if not people.mentions:
        return 0
    words = _words(people, limit)
    done = run(_QUERIES, words) + run(_ACTS, words)
    for table, column in work_texts():
        done += run(_TEXT.format(table=table, column=column), words) if words["addresses"] else 0
    return done


def _exports(people: People, _limit: int) -> int:
    """Delete every file that is kept for download. One that is being written is waited for."""
    if people.patient and Export.objects.filter(state__in=(WorkState.READY, WorkState.LEASED)).exists():
        raise NotYet("an export is being written")
    return drop_files()


def work_texts() -> list[tuple[str, str]]:
    """Return table and column of every error text of a work row."""
    return [
        (model._meta.db_table, "last_error")
        for model in apps.get_models()
        if issubclass(model, WorkRow) and model._meta.managed
    ]


def _trail(people: People, limit: int) -> int:
    """Empty entries on the people and their orders, and such as speak of them elsewhere (the log of an export)."""
    with connection.cursor() as cursor:
        cursor.execute(_TRAIL, {"limit": limit, "ids": people.array})
        ids = [number for (number,) in cursor.fetchall()] or people.finder.ids(_TRAIL_TEXTS, limit)
    return blank_entries(ids) if ids else 0


IMPORTS = PersonalData("imports", _("Files and refused rows of imports"), (), _imports)
NOTICES = PersonalData("notices", _("Notices to colleagues"), (), _notices)
TEXTS = PersonalData("texts", _("Errors and logs that quote the address"), (), _texts)
TRAIL = PersonalData("trail", _("Trail of changes"), (), _trail, reading(_TRAIL_TOLD))
EXPORTS = PersonalData("exports", _("Files that were written for colleagues"), (), _exports)
MENTIONS = [IMPORTS, NOTICES, TEXTS, TRAIL, EXPORTS]
