"""Importing a CSV of Korean customers through the real path, beside COPY of the finished rows into the contacts table.

The path: read, check, stage, weed out, dry run, merge with accounts, consent and events. Both start from the same empty
contacts with all their indexes. Memory is that of this process, which does all the work of a worker.
"""

import resource
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from django.core.files import File

from bench import import_orders
from bench.harness import VAR, Bench, interleaved, timed
from bench.import_work import checked_and_run, empty
from tests.people_csv import csv_bytes, stream

if TYPE_CHECKING:
    from crm.team.models import User

SIZES = {"rows": (100_000, 1_000_000), "orders": (20_000, 200_000), "rounds": (3, 3)}
COLUMNS = (
    "email, email_key, name, phone, title, company, account_roles, account_id, language, time_zone, country, region, "
    "city, postcode, street, birthday, source, attributes, created_at, updated_at, version"
)
EMPTIED = (
    "contacts_contact, contacts_account, contacts_consententry, contacts_consentstate, contacts_importjob, "
    "contacts_importrefusal, contacts_importrange, event, event_key"
)


def run(bench: Bench) -> None:
    """Import the file and copy its finished rows, in turns."""
    from crm.team.models import Role, User

    rows, path, finished = bench.size("rows"), Path(VAR) / "people.csv", Path(VAR) / "finished.copy"
    path.write_bytes(csv_bytes(person.row for person in stream(rows, distinct_companies=rows // 100)))
    user = User.objects.create_user("bench@wayfare.example", name="Bench", role=Role.ADMIN)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _through(bench, user, path)
    _write_finished(bench, finished)
    found = interleaved(
        lambda: _through(bench, user, path), lambda: _copied(bench, finished), rounds=bench.size("rounds")
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bench.record(
        "import",
        found.figure,
        "rows/s",
        reference=found.reference,
        ratio=found.ratio,
        at_least=0.5,
        how=f"{rows} rows of 12 columns, cp949, from upload to the last merged row with accounts, consent and events; "
        "reference: COPY of the finished rows into contacts with all its indexes",
    )
    bench.record("import memory", memory, "MB", at_most=250, how=f"peak of the process, {before / 1024:.0f} MB before")
    import_orders.run(bench, user)


def _through(bench: Bench, user: "User", path: Path) -> float:
    """Return the rows a second of the product, from upload to the last merged row."""
    empty(bench, EMPTIED)
    with path.open("rb") as file:
        took = timed(lambda: _import(user, File(file, "people.csv")))
    _check(bench, bench.size("rows"))
    return bench.size("rows") / took


def _import(user: "User", file: File) -> None:
    from contacts.imports import jobs
    from contacts.imports.fields import guess
    from contacts.imports.plan import Plan
    from crm.kit import clock

    job = jobs.upload(user, file, "people.csv", now=clock.now())
    plan = Plan(tuple(guess(job.header, job.sample)), basis="sign-up form", wording="I agree to news by e-mail.")
    checked_and_run(job, plan)


def _copied(bench: Bench, finished: Path) -> float:
    """Return the rows a second of COPY of the finished rows."""
    empty(bench, EMPTIED)
    with psycopg.connect(bench.dsn(), autocommit=True) as connection, connection.cursor() as cursor:
        took = timed(lambda: _copy(cursor, finished))
        cursor.execute("SELECT count(*) FROM contacts_contact")
        bench.check(cursor.fetchone() == (bench.size("rows"),), "the reference did not copy every row")
    return bench.size("rows") / took


def _check(bench: Bench, rows: int) -> None:
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        counted = connection.execute("""
            SELECT (SELECT count(*) FROM contacts_contact WHERE name <> '' AND phone LIKE '+8210%%' AND account_id > 0),
                   (SELECT count(DISTINCT email) FROM contacts_contact),
                   (SELECT count(*) FROM contacts_consentstate WHERE decision = 'granted'),
                   (SELECT count(*) FROM contacts_consentstate WHERE decision = 'withdrawn'),
                   (SELECT count(*) FROM event), (SELECT count(*) FROM contacts_importrefusal),
                   (SELECT sum(cardinality(made)) FROM contacts_importrange)
        """).fetchone()
    agree, refuse = sum(n % 10 < 7 for n in range(rows)), sum(n % 10 == 7 for n in range(rows))
    wanted = (rows, rows, agree, refuse, 2 * rows + agree + refuse, 0, rows)
    bench.check(
        counted == wanted, f"found {counted} of people, addresses, yes, no, events, refused, undo; wanted {wanted}"
    )


def _write_finished(bench: Bench, path: Path) -> None:
    query = f"SELECT {COLUMNS.replace('account_id', 'NULL::bigint')} FROM contacts_contact ORDER BY id"
    with (
        psycopg.connect(bench.dsn(), autocommit=True) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT") as copy,
        path.open("wb") as out,
    ):
        for block in copy:
            out.write(block)


def _copy(cursor: psycopg.Cursor, path: Path) -> None:
    with cursor.copy(f"COPY contacts_contact ({COLUMNS}) FROM STDIN") as copy, path.open("rb") as data:
        while block := data.read(262_144):
            copy.write(block)
