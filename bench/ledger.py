"""The ledger: appending in sets beside COPY of the same rows, the followers' rate, and the lag while others write."""

import contextlib
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
from django.db.backends.utils import CursorWrapper

from bench.harness import ROOT, Bench, interleaved, percentile, timed

SIZES = {"events": (200_000, 1_000_000), "contacts": (100_000, 1_000_000), "seconds": (15, 60)}
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
LOCK_CLASS = 7_237  # of contacts.ledger.follow
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def run(bench: Bench) -> None:
    """Append, follow, and measure the lag; each part counts what it wrote."""
    _people(bench)
    _append(bench)
    _follow(bench)
    _go_on()
    for load in LOADS:
        _lag(bench, load)


def _go_on() -> None:
    """Let all followers run again, on an empty ledger, so that the lag is measured from there."""
    _run("TRUNCATE event, follower_behind")
    _run("UPDATE follower_state SET stopped_at = NULL, error = ''")


def _people(bench: Bench) -> None:
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO contacts_contact (email, email_key, name, phone, title, company, language, "
            "time_zone, country, region, city, postcode, street, source, attributes, version) "
            "SELECT 'p' || n || '@example.com', 'k' || n, 'Person ' || n, '', '', '', '', '', '', '', '', '', '', "
            "'', '{}', 1 FROM generate_series(1, %s) AS n",
            [bench.size("contacts")],
        )
        connection.execute("VACUUM ANALYZE contacts_contact")


def _events(bench: Bench, count: int, seed: int) -> list:
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
    """Append in sets of 5,000, and COPY the same finished rows."""
    from django.db import connection

    from contacts.ledger.append import COLUMNS, append

    events = _events(bench, bench.size("events"), 1)
    append(events[:1000], source="bench", now=NOW)  # kinds and subjects are known from here on
    with connection.cursor() as cursor, io.StringIO() as held:
        _empty()
        append(events, source="bench", now=NOW)
        with cursor.copy(f"COPY (SELECT {COLUMNS} FROM event) TO STDOUT") as copy:
            for chunk in copy:
                held.write(bytes(chunk).decode())
        rows = held.getvalue()

    def ours() -> float:
        _empty()
        return len(events) / timed(
            lambda: [append(events[n : n + 5000], source="bench", now=NOW) for n in range(0, len(events), 5000)]
        )

    def copied() -> float:
        _empty()
        with connection.cursor() as cursor:
            return len(events) / timed(lambda: _copy(cursor, f"COPY event ({COLUMNS}) FROM STDIN", rows))

    def in_a_statement() -> float:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_rows")
            cursor.execute("CREATE TABLE bench_rows AS SELECT * FROM event LIMIT 0")
            _copy(cursor, f"COPY bench_rows ({COLUMNS}) FROM STDIN", rows)
            _empty()
            return len(events) / timed(
                lambda: cursor.execute(f"INSERT INTO event ({COLUMNS}) SELECT {COLUMNS} FROM bench_rows")
            )

    for name, work, least in (("append in sets", ours, 0.5), ("append by statement", in_a_statement, 0.8)):
        found = interleaved(work, copied)
        bench.check(_count("event") == len(events), f"{_count('event')} events are there, not {len(events)}")
        bench.record(
            f"ledger: {name}",
            found.figure,
            "events/s",
            reference=found.reference,
            ratio=found.ratio,
            at_least=least,
            how=f"{len(events)} events, reference COPY of the same rows into the same table with all its indexes",
        )


def _copy(cursor: CursorWrapper, statement: str, rows: str) -> None:
    with cursor.copy(statement) as copy:
        copy.write(rows)


def _follow(bench: Bench) -> None:
    """Follow everything there is: all followers together, then the roll-ups alone, then the scores alone."""
    total = _count("event")
    _run("ANALYZE event")
    took, used = _caught_up()
    events = _count("event")
    counted = _number("SELECT sum(n) FROM contact_state")
    bench.check(counted == events > total, f"{counted} events were counted, not {events}")
    _rate(bench, "all followers, first fill", events=events, took=took, used=used)
    _start_with(ROLL_UPS)
    took, used = _caught_up()
    bench.check(_number("SELECT sum(n) FROM contact_state") == events, "the roll-ups did not count every event")
    _rate(bench, "roll-ups together, first fill", events=events, took=took, used=used, at_least=100_000)
    _run("UPDATE ledger_lane SET tx = 0, event_id = 0")
    took, used = _caught_up()
    bench.check(_number("SELECT sum(n) FROM contact_state") == 2 * events, "the roll-ups did not count twice")
    _rate(bench, "roll-ups together, rows there", events=events, took=took, used=used, at_least=100_000)
    _start_with(["identity", "scores"])
    took, used = _caught_up()
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


def _caught_up() -> tuple[float, float]:
    """Return the seconds until all is followed, and those of CPU of this process and its PostgreSQL session."""
    from django.db import connection

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


def _lag(bench: Bench, load: str) -> None:
    """Write 1,000 events a second in commits of 10 while the follow process runs; time each until it is followed."""
    with _follow_process(), psycopg.connect(bench.dsn(), autocommit=True) as observer:
        stop = threading.Event()
        beside = threading.Thread(target=LOADS[load], args=(bench, stop))
        _until_it_leads(observer)
        beside.start()
        commits: list[tuple[int, float]] = []
        writer = threading.Thread(target=_write, args=(bench, commits))
        writer.start()
        lags = _observe(observer, commits, writer)
        stop.set()
        beside.join()
    bench.check(len(lags) == bench.size("seconds") * 100, f"{len(lags)} commits were followed")
    for share, most in ((0.95, 100), (0.99, 1000)):
        bench.record(
            f"ledger: lag {load}, p{share * 100:.0f}",
            percentile(lags, share) * 1000,
            "ms",
            at_most=most,
            how=f"1,000 events/s in commits of 10 for {bench.size('seconds')} s",
        )


@contextlib.contextmanager
def _follow_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "manage.py", "follow"], cwd=ROOT, env=os.environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _until_it_leads(observer: psycopg.Connection) -> None:
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
    while observer.execute(locks, [LOCK_CLASS]).fetchone()[0] < 64:
        time.sleep(0.05)
    time.sleep(1)


def _write(bench: Bench, commits: list[tuple[int, float]]) -> None:
    from contacts.ledger.append import INSERT

    chance = Random(5)
    starts = time.monotonic()
    with psycopg.connect(bench.dsn(), autocommit=True) as writer:
        kind = writer.execute("SELECT id FROM ledger_kind WHERE key = 'page.viewed'").fetchone()[0]
        for number in range(bench.size("seconds") * 100):
            people = [chance.randrange(1, bench.size("contacts") + 1) for _ in range(10)]
            rows = writer.execute(
                INSERT + "SELECT p, %s, NULL, now(), now(), NULL, '{}', NULL, 0 FROM unnest(%s::bigint[]) AS p "
                "RETURNING tx",
                [kind, people],
            ).fetchall()
            commits.append((rows[0][0], time.monotonic()))
            time.sleep(max(0.0, starts + (number + 1) / 100 - time.monotonic()))


def _observe(observer: psycopg.Connection, commits: list[tuple[int, float]], writer: threading.Thread) -> list[float]:
    lags: list[float] = []
    ends = None
    while len(lags) < len(commits) or writer.is_alive():
        if not writer.is_alive() and ends is None:
            ends = time.monotonic() + 20
        if ends and time.monotonic() > ends:
            break
        place = observer.execute("SELECT min(tx) FROM ledger_lane").fetchone()[0]
        seen = time.monotonic()
        while len(lags) < len(commits) and commits[len(lags)][0] <= place:
            lags.append(seen - commits[len(lags)][1])
        time.sleep(0.002)
    return lags


def _nothing(bench: Bench, stop: threading.Event) -> None:
    """Write nothing else."""


def _launch(bench: Bench, stop: threading.Event) -> None:
    """Write as a launch does: rows of messages in ranges of 50,000, one statement and one commit each."""
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_message (id bigint PRIMARY KEY, contact_id bigint, ordinal bigint)")
        connection.execute("CREATE INDEX ON bench_message (contact_id)")
        low = 0
        while not stop.is_set():
            connection.execute(
                "INSERT INTO bench_message SELECT n, 1 + n %% %s, n FROM generate_series(%s::bigint, %s) AS n",
                [bench.size("contacts"), low + 1, low + 50_000],
            )
            low += 50_000
        connection.execute("DROP TABLE bench_message")


def _send(bench: Bench, stop: threading.Event) -> None:
    """Write as workers do that send 5,000 mails a second: outcomes in commits of 50."""
    from contacts.ledger.append import INSERT

    starts, commits = time.monotonic(), 0
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        kind = connection.execute("SELECT id FROM ledger_kind WHERE key = 'mail.sent'").fetchone()[0]
        while not stop.is_set():
            connection.execute(
                INSERT + "SELECT 1 + n %% %s, %s, 1, now(), now(), NULL, '{}', NULL, 0 "
                "FROM generate_series(%s::bigint, %s) AS n",
                [bench.size("contacts"), kind, commits * 50, commits * 50 + 49],
            )
            commits += 1
            time.sleep(max(0.0, starts + commits / 100 - time.monotonic()))


LOADS = {"alone": _nothing, "during a launch": _launch, "during a send": _send}


def _empty() -> None:
    _run("TRUNCATE event")


def _cursor() -> CursorWrapper:
    from django.db import connection

    return connection.cursor()


def _run(sql: str, *params: object) -> None:
    with _cursor() as cursor:
        cursor.execute(sql, list(params) or None)


def _count(table: str) -> int:
    return _number(f"SELECT count(*) FROM {table}")


def _number(sql: str) -> int:
    with _cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0] or 0)
