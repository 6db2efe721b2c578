"""A draft run over 90 days of a real ledger: how long it takes, and how long the longest statement holds followers up.

Reference: one statement by hand that only counts who would come in and whether an order followed, without a way.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.harness import Bench, timed
from bench.segment_people import fill
from bench.send import html

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000), "days": (90, 90)}
LONGEST = 1.0  # seconds a statement may take: followers wait behind it
MOST = 300.0  # seconds for all: "in minutes"
_BY_HAND = """
SELECT count(*), count(*) FILTER (WHERE EXISTS (
    SELECT FROM event o WHERE o.contact_id = e.contact_id AND o.kind_id = %(order)s
      AND o.occurred_at BETWEEN e.occurred_at AND e.occurred_at + interval '4 days'))
FROM event e WHERE e.kind_id = %(cart)s AND e.occurred_at > %(since)s AND e.occurred_at <= %(until)s
"""


def run(bench: Bench) -> None:
    """Rehearse an abandoned-cart journey of seven steps, and check that everybody is accounted for."""
    from django.db import connection

    from contacts.ledger.dictionary import kind_ids
    from journeys.errors import Severity
    from journeys.journey.checking import problems
    from journeys.rehearsal.replay import replay

    people, until = bench.size("people"), datetime.now(UTC)
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        fill(database, people=people, events=bench.size("events"), dispatches=list(range(1, 41)), now=until)
        kinds = kind_ids(["cart.updated", "order.placed"])
        span = {"since": until - timedelta(days=bench.size("days")), "until": until}
        asked = {"cart": kinds["cart.updated"], "order": kinds["order.placed"]} | span
        starts = database.execute(_BY_HAND, asked).fetchone()[0]
        by_hand = min(timed(lambda: database.execute(_BY_HAND, asked)) for _ in range(3))
    drawing = _drawing(until)
    wrong = [problem for problem in problems(drawing) if problem.severity == Severity.ERROR]
    bench.check(not wrong, f"the drawing has problems: {wrong}")
    longest: list[float] = [0.0]

    def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            longest[0] = max(longest[0], time.monotonic() - started)

    with connection.execute_wrapper(watched):
        started = time.monotonic()
        found = replay(drawing, bench.size("days"), until)
        seconds = time.monotonic() - started
    _check(bench, found, starts)
    how = f"{people:,} people, {bench.size('events'):,} events, {starts:,} would be let in or not, 7 steps"
    bench.record("rehearsal", seconds, "s", reference=by_hand, at_most=MOST, how=how)
    bench.record("rehearsal statement", longest[0], "s", at_most=LONGEST, how="the longest statement of all")
    bench.record("rehearsal pace", starts / seconds, "starts/s", how=f"{found.entered:,} entered")


def _check(bench: Bench, found: Any, starts: int) -> None:
    told = found.entered + sum(found.refused.values())
    bench.check(told == starts, f"{told} of {starts} starts are accounted for")
    over = sum(found.ended.values()) + sum(found.waiting.values())
    bench.check(over == found.entered, f"{over} of {found.entered} who came in are accounted for")
    bench.check(found.left["order", "happened"] > 0, "nobody placed an order after a cart")


def _drawing(now: datetime) -> Any:
    from journeys.graph.graph import Graph, Link, Rules, Step, Trigger

    mail = _mail(now)
    event = {"key_property": "", "event": _any({"did": "cart.updated"})}
    last = {"window": {"last": {"n": 30, "unit": "days"}}}
    reader = {"version": 1, "rule": {"all": [{"did": "mail.opened"} | last]}}
    order = {"what": "event", "event": _any({"did": "order.placed"}), "since": "entered", "n": 3, "unit": "days"}
    settings = {
        "wait": ("wait", {"until": "span", "n": 1, "unit": "days"}),
        "first": ("send_email", mail),
        "order": ("wait_event", order),
        "reads": ("branch", {"ways": [{"key": "a", "label": "Reads", "rule": reader}]}),
        "second": ("send_email", mail),
        "week": ("wait", {"until": "span", "n": 7, "unit": "days"}),
        "third": ("send_email", mail),
    }
    steps = tuple(Step(key, kind, given, row=row) for row, (key, (kind, given)) in enumerate(settings.items()))
    ways = [
        ("wait", "next", "first"),
        ("first", "next", "order"),
        ("order", "timed_out", "reads"),
        ("reads", "a", "second"),
        ("second", "next", "week"),
        ("week", "next", "third"),
    ]
    rules = Rules(again="after", again_days=30)
    return Graph((Trigger("cart", "event", event),), rules, "wait", steps, tuple(Link(*way) for way in ways))


def _any(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "rule": {"any": [leaf]}}


def _mail(now: datetime) -> dict[str, Any]:
    """Make a mail, its sender and a cap; return the settings of a step that sends it."""
    from campaigns.senders.models import Sender
    from campaigns.sending.models import FrequencyCap
    from campaigns.templating import versions
    from campaigns.templating.models import MailKind

    one = {"subject": "{{ contact.name }}", "preheader": "", "kind": "html", "source": html(conditional=False)}
    content = {"default": "ko", "languages": {"ko": one}}
    template = versions.create("Bench", MailKind.ADVERTISING, content, by=None, now=now)
    versions.make_version(template, by=None, now=now)
    details = {"organisation": "Wayfare", "postal_address": "Seoul", "phone": "02-123-4567", "verified_at": now}
    sender = Sender.objects.create(name="Wayfare", email="hello@wayfare.example", **details)
    FrequencyCap.objects.create(sends=4, days=7)
    chosen = {"template": template.pk, "sender": sender.pk}
    return chosen | {"subject": "", "left_out": "on", "when_capped": "skip"}
