"""Whole journeys through the product's own processes: six steps with mails to the sink; from an event to its step."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import psycopg

from bench.broker import broker
from bench.harness import ROOT, VAR, Bench, percentile
from bench.journeys_drawn import EMPTY, NOW, REST, SEOUL, kinds, mail, publish
from bench.send import _processes
from bench.sink import Sink, sink
from bench.statements import Statement, longest_transaction, watched

PER_SECOND = 500  # events
PATIENCE = 170.0  # seconds
SLOWEST = 300  # people a second: below that a flow has stopped
_CLICK = """
INSERT INTO event (contact_id, kind_id, occurred_at, recorded_at, properties, depth)
SELECT id, %s, clock_timestamp(), clock_timestamp(), '{}', 0 FROM unnest(%s::bigint[]) AS id
"""
_LATENCY = """
SELECT extract(epoch FROM t.left_at - e.occurred_at)::float8 FROM journeys_trace t
JOIN event e ON e.contact_id = t.contact_id AND e.kind_id = %s WHERE t.step_id = %s AND t.outlet = 'happened'
"""
# The moment at which the step was committed is later than its own time by the length of the pass: added below.
_LONGEST_PASS = 0.25


def run(bench: Bench, people: dict[str, Any]) -> None:
    """Send people through a journey, and wake waiting ones, with follow, workers, broker and sink running."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
        cursor.execute("VACUUM ANALYZE")
    with broker(), sink() as target, _processes(bench, target), _workers(target):
        _flow(bench, people, target)
        _wake(bench)


@contextlib.contextmanager
def _workers(target: Sink) -> Iterator[None]:
    """Run Celery's workers, as production does; they send too."""
    environment = {**os.environ, "SMTP_URL": target.url, "JOURNAL_DIR": str(VAR / "journal")}
    command = [sys.executable, "-m", "celery", "--app=crm.celery", "worker", "--concurrency=2", "--loglevel=WARNING"]
    with (VAR / "celery.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        from crm.celery import app

        deadline = time.monotonic() + 60
        while not app.control.ping(timeout=1.0) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _flow(bench: Bench, people: dict[str, Any], target: Sink) -> None:
    """Many through six steps; a few before them and a few after, whose cost must be the same."""
    few, many = bench.size("sample"), bench.size("flow")
    version = _six_steps(people)
    with watched(bench.dsn()) as statements, longest_transaction(bench.dsn()) as longest:
        _through(bench, version, (0, few), target)
        before = statements()
        through, whole = _through(bench, version, (few, many), target)
        statements()
        _through(bench, version, (few + many, few), target)
        after = statements()
    how = f"{many:,} people through 6 steps, 2 mails each queued, from asking to the last one's end"
    bench.record("journeys through", many / through, "people/s", how=how)
    bench.record("journeys whole", many / whole, "people/s", how=f"the same, until the sink has all {2 * many:,} mails")
    bench.record("journeys longest", longest[0], "s", at_most=1.0, how="the longest writing transaction of all that")
    _compare(bench, before, after)


def _six_steps(people: dict[str, Any]) -> Any:
    """Publish split, tag, mail, branch, mail, end. Everybody gets two mails."""
    settings = kinds(people) | {"branch": {"ways": [{"key": "seoul", "label": "Seoul", "rule": SEOUL}]}}
    steps = [
        ("split", "split", settings["split"]),
        ("tag", "tag", settings["tag"]),
        ("first", "send_email", mail(people)),
        ("branch", "branch", settings["branch"]),
        ("second", "send_email", mail(people)),
        ("end", "end", {}),
    ]
    chain = [("tag", "next", "first"), ("first", "next", "branch"), ("branch", "seoul", "second")]
    links = [*(("split", part, "tag") for part in "ab"), *chain, ("second", "next", "end")]
    return publish("flow", steps, links)


def _through(bench: Bench, version: Any, people: tuple[int, int], target: Sink) -> tuple[float, float]:
    """Lead people (from, how many) through; return the seconds until all came to the end, and until all mails came."""
    from contacts.segments.rules.sql import Sql
    from journeys.engine import entering
    from journeys.engine.models import Enrolment, Trace

    (first, size), before = people, target.taken()
    started = time.monotonic()
    asked = Sql("SELECT id FROM contacts_contact ORDER BY id OFFSET %s LIMIT %s", (first, size))
    entering.request(version.journey_id, asked, now=version.published_at)
    ended = Enrolment.objects.filter(journey=version.journey_id, end="completed")
    total = first + size
    _until(bench, lambda: ended.count() == total, lambda: f"{ended.count()} of {total} came to the end", people=size)
    through = time.monotonic() - started
    mails = lambda: target.taken() - before  # noqa: E731
    _until(bench, lambda: mails() == 2 * size, lambda: f"{mails()} mails of {2 * size}", people=size)
    took = time.monotonic() - started
    traces = Trace.objects.filter(step__version=version).count()
    bench.check(traces == 6 * total, f"{traces} steps were taken, not {6 * total}")
    return through, took


def _compare(bench: Bench, before: Mapping[int, Statement], after: Mapping[int, Statement]) -> None:
    """Record how many blocks a person cost with empty tables, and with those that the many have filled."""
    few, many = bench.size("sample"), bench.size("flow")
    both = before.keys() & after.keys()  # what runs by the clock falls into one of them by chance
    cost = [sum(found[number].blocks for number in both) / few for found in (before, after)]
    bench.record(
        "journeys flow growth",
        cost[1],
        "blocks a person",
        reference=cost[0],
        ratio=cost[1] / cost[0],
        at_most=1.3,
        how=f"{few:,} people through the same after {many:,}, beside the first {few:,}; every statement of all",
    )
    for number in sorted(both, key=lambda number: before[number].blocks - after[number].blocks)[:8]:
        was, now = before[number], after[number]
        print(f"  {was.blocks / few:8.1f} -> {now.blocks / few:8.1f} blocks a person: {now.text[:110]}")


def _wake(bench: Bench) -> None:
    """People wait for an event; 500 events a second happen, each to one of them."""
    from contacts.ledger.dictionary import kind_ids
    from contacts.segments.rules.sql import Sql
    from journeys.engine import entering
    from journeys.engine.models import Enrolment, Trace

    event = {"version": 1, "rule": {"all": [{"did": "product.viewed"}]}}
    waits = {"what": "event", "mail": "", "event": event, "since": "arrived", "n": 30, "unit": "days"}
    version = publish("waking", [("here", "wait_event", waits), ("rest", "wait", REST)], [("here", "happened", "rest")])
    waiting, kind = bench.size("waiting"), kind_ids(["product.viewed"])["product.viewed"]
    here = version.steps.get(key="here").pk
    asked = Sql("SELECT id FROM contacts_contact ORDER BY id LIMIT %s", (waiting,))
    entering.request(version.journey_id, asked, now=NOW)
    inside = Enrolment.objects.filter(step=here, ended_at=None, due_at__gt=NOW)
    _until(bench, lambda: inside.count() == waiting, lambda: f"{inside.count()} of {waiting} wait")
    count = min(waiting, bench.size("seconds") * PER_SECOND)
    _happen(bench, kind, count)
    woken = Trace.objects.filter(step=here, outlet="happened")
    _until(bench, lambda: woken.count() == count, lambda: f"{woken.count()} of {count} were woken")
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        seconds = [row[0] + _LONGEST_PASS for row in database.execute(_LATENCY, [kind, here])]
    bench.check(len(seconds) == count, f"{len(seconds)} steps for {count} events")
    for share, most in ((0.5, None), (0.99, 2.0)):
        bench.record(
            f"journeys wake, p{share * 100:.0f}",
            percentile(seconds, share),
            "s",
            at_most=most,
            how=f"{PER_SECOND} events/s for {count / PER_SECOND:.0f} s, each waking one of {waiting:,}; "
            "event to the step, the longest pass added",
        )


def _happen(bench: Bench, kind: int, count: int) -> None:
    """Write one event about each of `count` people, in commits of ten at their times."""
    with psycopg.connect(bench.dsn(), autocommit=True) as writer:
        rows = writer.execute("SELECT id FROM contacts_contact ORDER BY id LIMIT %s", [count]).fetchall()
        people = [number for (number,) in rows]
        Random(7).shuffle(people)
        starts = time.monotonic()
        for done in range(0, count, 10):
            writer.execute(_CLICK, [kind, people[done : done + 10]])
            time.sleep(max(0.0, starts + (done + 10) / PER_SECOND - time.monotonic()))


def _until(bench: Bench, done: Any, wrong: Any, *, people: int = 0) -> None:
    """Wait; looking takes a twentieth of the time at most, since counting many is work."""
    deadline = time.monotonic() + max(PATIENCE, people / SLOWEST)
    while not (looked := _looked(done))[0]:
        bench.check(time.monotonic() < deadline, wrong())
        time.sleep(max(0.05, 20 * looked[1]))


def _looked(done: Any) -> tuple[bool, float]:
    """Return what was seen, and how many seconds looking took."""
    started = time.monotonic()
    return done(), time.monotonic() - started
