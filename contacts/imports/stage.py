"""The staging table of one import: the file's rows, read and cleaned, before they meet the contacts.

One logged table for each import, dropped at its end. Logged, so that a crash of PostgreSQL loses no staged row and an
import goes on at its range without reading the file again; a table of its own, so that nothing has to be deleted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from contacts.imports.columns import COLUMNS
from contacts.imports.models import ImportJob
from contacts.imports.refusal import Refusal

_CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
    line bigint PRIMARY KEY, email text NOT NULL, email_key text NOT NULL, name text, phone text, title text,
    company text, country text, region text, city text, postcode text, street text, language text,
    time_zone text, source text, birthday date, company_key text, business_number text, consents text,
    consent_at timestamptz, refused_at timestamptz, attributes jsonb, tags text[],
    account_roles varchar[], under_14 boolean, excluded text, changed_at timestamptz
) WITH (autovacuum_enabled = false)
"""
_CREATE_RECORDS = "CREATE TABLE IF NOT EXISTS {table} (line bigint PRIMARY KEY, key text NOT NULL, data jsonb NOT NULL)"
_REFUSALS = 'contacts_importrefusal (job_id, line, whole_row, code, "column", value, row)'
_MOST_AT_ONCE = 100_000
# The first row of an address is kept: it was there when the second was typed, and every later one is listed.
_DUPLICATES = """
SELECT line, first_line FROM (
    SELECT line, first_value(line) OVER same AS first_line
    FROM {table} WINDOW same AS (PARTITION BY email_key ORDER BY line)
) AS numbered WHERE line > first_line ORDER BY line LIMIT {most}
"""
_ERASED = """
SELECT s.line, 0 FROM {table} s JOIN contacts_suppression x USING (email_key) WHERE x.reason = 'erased'
ORDER BY s.line LIMIT {most}
"""
_REFUSE = """
WITH gone AS (DELETE FROM {table} s USING unnest(%s::bigint[], %s::text[]) AS d(line, value)
              WHERE s.line = d.line RETURNING s.line, s.email, d.value)
INSERT INTO contacts_importrefusal (job_id, line, whole_row, code, "column", value, row)
SELECT %s, line, true, %s, '', value, email FROM gone
"""
_COUNT = "SELECT count(*) FROM {table}"
_RANGE_END = "SELECT max(line) FROM (SELECT line FROM {table} WHERE line > %s ORDER BY line LIMIT %s) AS next"


def table_of(job: ImportJob) -> str:
    """Return the name of the import's staging table."""
    return f"import_stage_{int(job.pk)}"


def create(job: ImportJob) -> None:
    """Make the table; harmless to repeat."""
    if not job.has_records:
        _execute(_CREATE.format(table=table_of(job)))
        return
    _execute(_CREATE_RECORDS.format(table=table_of(job)))
    _execute(f"CREATE INDEX IF NOT EXISTS {table_of(job)}_key ON {table_of(job)} (key)")


def drop(job: ImportJob) -> None:
    """Drop the table; harmless to repeat."""
    _execute(f"DROP TABLE IF EXISTS {table_of(job)}")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def copy_rows(job: ImportJob, lines: Sequence[str]) -> None:
    """Append lines of COPY text (columns of contacts.imports.columns.COLUMNS, blank for NULL)."""
    columns = ("line", "key", "data") if job.has_records else COLUMNS
    statement = f"COPY {table_of(job)} ({', '.join(columns)}) FROM STDIN (NULL '')"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(lines), 1_000):
            copy.write("\n".join(lines[start : start + 1_000]) + "\n")


def copy_refusals(job: ImportJob, refusals: Iterable[Refusal]) -> None:
    """Append refused rows and left-out cells."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {_REFUSALS} FROM STDIN") as copy:
        for refusal in refusals:
            copy.write_row((job.pk, *refusal))


@dataclass(frozen=True)
class Doubtful:
    """Staged rows that must go: their lines, and what each refusal says."""

    code: str
    lines: list[int]
    values: list[str]


def doubtful(job: ImportJob) -> Doubtful | None:
    """Return up to 100,000 staged rows that repeat an earlier address or belong to an erased person, else None.

    A read without a transaction of its own: it may sort the whole file, and must not hold the followers up.
    """
    for code, query in () if job.has_records else (("duplicate", _DUPLICATES), ("erased", _ERASED)):
        with connection.cursor() as cursor:
            cursor.execute(query.format(table=table_of(job), most=_MOST_AT_ONCE))
            rows = cursor.fetchall()
        if rows:
            return Doubtful(code, [line for line, _ in rows], [str(first or "") for _, first in rows])
    return None


def refuse(job: ImportJob, found: Doubtful, start: int, stop: int) -> None:
    """Move the staged rows start..stop of `found` to the refusals, in the caller's transaction."""
    statement = _REFUSE.format(table=table_of(job))
    with connection.cursor() as cursor:
        cursor.execute(statement, [found.lines[start:stop], found.values[start:stop], job.pk, found.code])


def analyze(job: ImportJob) -> int:
    """Tell the planner what is in the table and return how many rows are."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table_of(job)}")
        cursor.execute(_COUNT.format(table=table_of(job)))
        return int(cursor.fetchone()[0])


def range_end(job: ImportJob, after: int, rows: int) -> int:
    """Return the last line of the next `rows` staged rows after line `after`, or `after` when none is left."""
    with connection.cursor() as cursor:
        cursor.execute(_RANGE_END.format(table=table_of(job)), [after, rows])
        return int(cursor.fetchone()[0] or after)
