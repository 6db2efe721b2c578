"""Journeys: each kind of step over people who are due, beside UPDATE … FROM and INSERT … SELECT by hand; growth.

Whole journeys with mails to the sink, and how soon an event wakes its step: bench/journeys_whole.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.harness import Bench, interleaved, timed
from bench.send import _CONSENT, _PEOPLE, _campaign, _chosen

SIZES = {
    "due": (20_000, 100_000),
    "grown": (100_000, 1_000_000),
    "flow": (5_000, 1_000_000),
    "workers": (2, 2),
    "seconds": (8, 60),
    "waiting": (20_000, 100_000),
}
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
REST = {"until": "span", "n": 90, "unit": "days"}
SEOUL = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "서울"}]}}
_FILL = """
INSERT INTO journeys_enrolment (journey_id, contact_id, key, step_id, visit, due_at, entered_at, arrived_at, "end",
    problem)
SELECT %s, id, '', %s, 0, %s, %s, %s, '', '' FROM contacts_contact ORDER BY id LIMIT %s
"""
_EMPTY = """
TRUNCATE journeys_enrolment, journeys_trace, journeys_stepcount, contacts_contacttag, campaigns_message,
    campaigns_chunk, campaigns_retry
"""
_BY_HAND = (
    """
UPDATE journeys_enrolment e SET step_id = %(to)s, visit = visit + 1, arrived_at = %(now)s, due_at = %(now)s
FROM (SELECT id FROM journeys_enrolment WHERE step_id = %(step)s AND ended_at IS NULL AND due_at <= %(now)s) AS d
WHERE e.id = d.id
""",
    """
INSERT INTO journeys_trace (enrolment_id, visit, contact_id, step_id, outlet, arrived_at, left_at)
SELECT id, 0, contact_id, %(step)s, 'next', entered_at, %(now)s FROM journeys_enrolment WHERE step_id = %(to)s
""",
)
_EVENT = """
INSERT INTO event (contact_id, kind_id, occurred_at, recorded_at, properties, depth)
SELECT contact_id, %(kind)s, %(now)s, %(now)s, '{}', 0 FROM journeys_enrolment WHERE step_id = %(to)s
"""
# What the step does beyond moving people, by hand too.
_EFFECTS = {
    "tag": (
        """INSERT INTO contacts_contacttag (tag_id, contact_id, at)
        SELECT %(tag)s, contact_id, %(now)s FROM journeys_enrolment WHERE step_id = %(to)s""",
        _EVENT,
    ),
    "goal": ("UPDATE journeys_enrolment SET goal_at = %(now)s WHERE step_id = %(to)s",),
    "send_email": (
        """INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
        SELECT %(dispatch)s, c.id, 0, row_number() OVER (), c.email, '' FROM journeys_enrolment e
        JOIN contacts_contact c ON c.id = e.contact_id
        JOIN contacts_consentstate s ON s.contact_id = c.id AND s.purpose = 'marketing' AND s.decision = 'granted'
        WHERE e.step_id = %(to)s""",
    ),
}


def kinds(people: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings of each kind of step that is measured."""
    parts = [{"key": "a", "label": "A", "weight": 1}, {"key": "b", "label": "B", "weight": 1}]
    return {
        "wait": {"until": "span", "n": 1, "unit": "hours"},
        "wait_event": {"what": "clicked", "mail": "", "since": "arrived", "n": 1, "unit": "hours"},
        "branch": {"ways": [{"key": "seoul", "label": "Seoul", "rule": SEOUL}]},
        "split": {"parts": parts, "hold_out": 0},
        "tag": {"what": "add", "tag": people["tag"]},
        "send_email": mail(people),
        "goal": {},
    }


def mail(people: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a mail to everybody."""
    more = {"subject": "", "when_capped": "skip", "wait_days": 3, "left_out": "on"}
    return {"template": people["template"], "sender": people["sender"]} | more


def prepare(bench: Bench, count: int) -> dict[str, Any]:
    """Make people who agreed to mails, a sender, a template and a tag; return what settings name."""
    from campaigns.templating.models import MailTemplate
    from contacts.lists.models import Tag
    from contacts.stages.models import StageModel

    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_PEOPLE, [count])
        database.execute(_CONSENT)
    StageModel.objects.update(in_use=False)  # else everybody comes to a stage first, and followers wait for that
    chosen = _chosen(NOW)
    _campaign(chosen, conditional=False)
    return chosen | {"template": MailTemplate.objects.get().pk, "tag": Tag.objects.create(name="Bench").pk}


def publish(name: str, steps: list[tuple[str, str, dict[str, Any]]], links: list[tuple[str, str, str]]) -> Any:
    """Make a journey of (key, kind, settings) and (from, outlet, to), started by hand, and publish it."""
    from journeys.graph.graph import Graph, Link, Step, Trigger
    from journeys.journey import editing, publishing

    drawn = tuple(Step(key, kind, settings, row=row) for row, (key, kind, settings) in enumerate(steps))
    graph = Graph(
        (Trigger("hand", "by_hand"),), first=steps[0][0], steps=drawn, links=tuple(Link(*one) for one in links)
    )
    journey = editing.create(name, graph=graph, by=None, now=NOW)
    return publishing.publish(journey.pk, by=None, now=NOW, version=journey.version)


def run(bench: Bench) -> None:
    """Measure each kind, growth, whole journeys, and how soon an event wakes its step."""
    from bench import journeys_whole

    people = prepare(bench, max(bench.size(name) for name in ("due", "grown", "flow", "waiting")))
    for kind, settings in kinds(people).items():
        _measure(bench, kind, settings, people)
    _grow(bench)
    journeys_whole.run(bench, people)


def _measure(bench: Bench, kind: str, settings: dict[str, Any], people: dict[str, Any]) -> None:
    outlets = {"wait_event": ["timed_out"], "branch": ["seoul"], "split": ["a", "b"]}.get(kind, ["next"])
    # A wait for a click in "any mail of this journey" needs one.
    steps = [
        ("here", kind, settings),
        ("rest", "wait", REST),
        *([("mail", "send_email", mail(people))] * (kind == "wait_event")),
    ]
    more = [("rest", "next", "mail")] * (kind == "wait_event")
    version = publish(kind, steps, [*(("here", outlet, "rest") for outlet in outlets), *more])
    due = bench.size("due")
    found = interleaved(
        lambda: due / _engine(bench, version, due),
        lambda: due / _by_hand(bench, version, kind, people),
    )
    bench.record(
        f"journeys {kind}",
        found.figure,
        "people/s",
        reference=found.reference,
        ratio=found.ratio,
        at_least=0.5,
        how=f"{due:,} due at one step, beside UPDATE … FROM + INSERT … SELECT by hand, median of 3",
    )


def _fill(version: Any, people: int) -> tuple[int, int]:
    """Put people due at the first step, who came two hours ago; return the ids of this step and the next."""
    from django.db import connection

    ids = dict(version.steps.values_list("key", "pk"))
    before = NOW - timedelta(hours=2)
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
        cursor.execute("UPDATE campaigns_dispatch SET size = 0")
        cursor.execute(_FILL, [version.journey_id, ids["here"], NOW, before, before, people])
        cursor.execute("VACUUM ANALYZE journeys_enrolment")
    return ids["here"], ids["rest"]


def _engine(bench: Bench, version: Any, people: int) -> float:
    """Run the step for everybody; return how many seconds it took."""
    from journeys.engine import live
    from journeys.engine.models import Enrolment, Trace
    from journeys.engine.running import Runner

    here, rest = _fill(version, people)
    runner, read = Runner(NOW, 600), live.current().version(version.pk)

    def work() -> None:
        while runner.step(here, read):
            pass

    took = timed(work)
    traced = Trace.objects.filter(step=here).count()
    bench.check(traced == people, f"{traced} of {people} took the step")
    moved = Enrolment.objects.filter(step=rest, ended_at=None).count()
    bench.check(moved == people, f"{moved} of {people} are at the next step")
    return took


def _by_hand(bench: Bench, version: Any, kind: str, people: dict[str, Any]) -> float:
    """Do the same by a few statements; return how many seconds they took."""
    from django.db import connection, transaction

    from contacts.ledger.dictionary import kind_ids

    here, rest = _fill(version, bench.size("due"))
    dispatch = version.steps.filter(key="here").values_list("dispatch", flat=True).get()
    values = {"step": here, "to": rest, "now": NOW, "tag": people["tag"], "dispatch": dispatch}
    values["kind"] = kind_ids(["tag.added"])["tag.added"]

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in (*_BY_HAND, *_EFFECTS.get(kind, ())):
                cursor.execute(statement, values)

    return timed(work)


def _grow(bench: Bench) -> None:
    """Run one step for a tenth of the people, and for all: the cost of each must be the same."""
    settings = {"until": "span", "n": 1, "unit": "hours"}
    version = publish("growth", [("here", "wait", settings), ("rest", "wait", REST)], [("here", "next", "rest")])
    many = bench.size("grown")
    found = interleaved(lambda: _cost(bench, version, many), lambda: _cost(bench, version, many // 10))
    bench.record(
        "journeys growth",
        found.figure,
        "µs a person",
        reference=found.reference,
        ratio=found.ratio,
        at_most=1.3,
        how=f"a wait that is over for {many:,} people, beside {many // 10:,}",
    )


def _cost(bench: Bench, version: Any, people: int) -> float:
    """Return microseconds a person."""
    return _engine(bench, version, people) / people * 1_000_000
