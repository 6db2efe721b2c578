"""The ledger: appending in sets beside COPY of the same rows, and the followers' rate. Their lag: bench/lag.py."""

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

from bench.harness import Bench, interleaved, timed

SIZES = {"events": (200_000, 1_000_000), "contacts": (100_000, 1_000_000)}
NOW = datetime.now(UTC)
MIX = (
    ("page.viewed", 60),
    ("product.viewed", 10),
    ("mail.sent", 15),
    ("hit.opened", 10),
    ("hit.clicked", 3),
    ("order.placed", 2),
)
ROLL_UPS = ("identity", "states", "subjects", "totals", "seen", "touches")
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def run(bench: Bench) -> None:
    """Append, follow, and measure the lag; each part counts what it wrote."""
    people(bench)
    _append(bench)
    _follow(bench)


def people(bench: Bench) -> None:
    """Make the contacts that events are about."""
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO contacts_contact (email, email_key, name, phone, title, company, language, "
            "time_zone, country, region, city, postcode, street, source, attributes, version) "
            "SELECT 'p' || n || '@example.com', 'k' || n, 'Person ' || n, '', '', '', '', '', '', '', '', '', '', "
            "'', '{}', 1 FROM generate_series(1, %s) AS n",
            [bench.size("contacts")],
        )
        connection.execute("VACUUM ANALYZE contacts_contact")


def events_of(bench: Bench, count: int, seed: int) -> list:
    """Return events of the usual mix over 60 days, the same for the same seed."""
    from contacts.ledger.append import NewEvent

    chance = Random(seed)
    kinds = chance.choices([kind for kind, _ in MIX], [share for _, share in MIX], k=count)
    return [NewEvent(**_fields(chance, bench.size("contacts"), kind)) for kind in kinds]


def _fields(chance: Random, people: int, kind: str) -> dict:
    subject, properties = ("thing", str(chance.randrange(500))), {}
    if kind.startswith(("mail.", "hit.")):
        subject = ("dispatch", str(chance.randrange(20)))
        properties = {"message": str(chance.randrange(10**9)), "agent": AGENT, "link": chance.randrange(1, 9)}
    elif kind == "page.viewed":
        properties = {"url": f"https://shop.example.com/p/{chance.randrange(999)}", "title": "A page"}
    return {
        "contact_id": chance.randrange(1, people + 1),
        "kind": kind,
        "occurred_at": NOW - timedelta(seconds=chance.randrange(60 * 86_400)),
        "subject": subject,
        "properties": properties,
    }


def _append(bench: Bench) -> None:
    """Append in sets of 5,000 and by one statement; the reference is COPY of the same finished rows."""
    from contacts.ledger.append import append

    events = events_of(bench, bench.size("events"), 1)
    append(events[:1000], source="bench", now=NOW)  # kinds and subjects are known from here on
    rows = _rows_of(events)
    _beside_copy(bench, "append in sets", lambda: _appended(events), rows, at_least=0.5)
    _beside_copy(bench, "append by statement", lambda: _by_statement(rows), rows, at_least=0.8)


def _beside_copy(bench: Bench, name: str, work: Callable[[], float], rows: str, *, at_least: float) -> None:
    """Measure work that returns its seconds; afterwards all events must be there."""
    events = rows.count("\n")
    found = interleaved(lambda: events / work(), lambda: events / _copied(rows))
    bench.check(_count("event") == events, f"{_count('event')} events are there, not {events}")
    bench.record(
        f"ledger: {name}",
        found.figure,
        "events/s",
        reference=found.reference,
        ratio=found.ratio,
        at_least=at_least,
        how=f"{events} events, reference COPY of the same rows into the same table with all its indexes",
    )


def _rows_of(events: list) -> str:
    """Return the finished rows of these events as COPY writes them, a line each."""
    from contacts.ledger.append import COLUMNS, append

    _empty()
    append(events, source="bench", now=NOW)
    with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT {COLUMNS} FROM event) TO STDOUT") as copy:
        return b"".join(bytes(chunk) for chunk in copy).decode()


def _appended(events: list) -> float:
    from contacts.ledger.append import append

    _empty()
    return timed(lambda: [append(events[n : n + 5000], source="bench", now=NOW) for n in range(0, len(events), 5000)])


def _copied(rows: str) -> float:
    from contacts.ledger.append import COPY

    _empty()
    with connection.cursor() as cursor:
        return timed(lambda: _copy(cursor, COPY, rows))


def _by_statement(rows: str) -> float:
    from contacts.ledger.append import COLUMNS, INSERT

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rows")
        cursor.execute("CREATE TABLE bench_rows AS SELECT * FROM event LIMIT 0")
        _copy(cursor, f"COPY bench_rows ({COLUMNS}) FROM STDIN", rows)
        _empty()
        return timed(lambda: cursor.execute(f"{INSERT} SELECT {COLUMNS} FROM bench_rows"))


def _copy(cursor: CursorWrapper, statement: str, rows: str) -> None:
    with cursor.copy(statement) as copy:
        copy.write(rows)


def _follow(bench: Bench) -> None:
    """Follow everything there is: all followers together, then the roll-ups alone, then the scores alone."""
    total = _count("event")
    _run("ANALYZE event")
    took, used = caught_up()
    events = _count("event")
    counted = number("SELECT sum(n) FROM contact_state")
    bench.check(counted == events > total, f"{counted} events were counted, not {events}")
    _rate(bench, "all followers, first fill", events=events, took=took, used=used)
    _start_with(ROLL_UPS)
    took, used = caught_up()
    bench.check(number("SELECT sum(n) FROM contact_state") == events, "the roll-ups did not count every event")
    _rate(bench, "roll-ups together, first fill", events=events, took=took, used=used, at_least=100_000)
    _run("UPDATE ledger_lane SET tx = 0, event_id = 0")
    took, used = caught_up()
    bench.check(number("SELECT sum(n) FROM contact_state") == 2 * events, "the roll-ups did not count twice")
    _rate(bench, "roll-ups together, rows there", events=events, took=took, used=used, at_least=100_000)
    _start_with(["identity", "scores"])
    took, used = caught_up()
    _rate(bench, "scores", events=events, took=took, used=used, at_least=50_000)


def _start_with(names: Sequence[str]) -> None:
    """Empty all that followers keep and go back to the beginning with these followers; the others stand still."""
    from contacts.ledger.followers import FOLLOWERS

    with _cursor() as cursor:
        for follower in FOLLOWERS:
            if follower.reset is not None:
                follower.reset(cursor)
    still = [follower.name for follower in FOLLOWERS if follower.name not in names]
    _run("TRUNCATE subject_counter, follower_behind")
    _run("UPDATE ledger_lane SET tx = 0, event_id = 0")
    _run("INSERT INTO follower_behind SELECT unnest(%s::text[]), shard, 0, 0 FROM ledger_lane", still)
    _run("UPDATE follower_state SET stopped_at = now(), error = 'held by the bench' WHERE name = ANY(%s)", still)
    _run("UPDATE follower_state SET stopped_at = NULL, error = '' WHERE NOT name = ANY(%s)", still)


def _rate(bench: Bench, name: str, *, events: int, took: float, used: float, at_least: float | None = None) -> None:
    bench.record(
        f"ledger: {name}",
        events / used,
        "events/s of a core",
        at_least=at_least,
        how=f"{events} events in {took:.1f} s, {used:.1f} s of CPU of the process and its PostgreSQL session",
    )


def caught_up() -> tuple[float, float]:
    """Return the seconds until all is followed, and those of CPU of this process and its PostgreSQL session."""
    from contacts.ledger.follow import Loop

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    before = time.process_time() + _cpu(backend)
    took = timed(lambda: Loop(poll_seconds=0.001).run(until_idle=True))
    return took, time.process_time() + _cpu(backend) - before


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _empty() -> None:
    _run("TRUNCATE event")


def _cursor() -> CursorWrapper:
    return connection.cursor()


def _run(sql: str, *params: object) -> None:
    with _cursor() as cursor:
        cursor.execute(sql, list(params) or None)


def _count(table: str) -> int:
    return number(f"SELECT count(*) FROM {table}")


def number(sql: str) -> int:
    """Return the one number a query gives."""
    with _cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0] or 0)
