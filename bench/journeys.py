"""Journeys: each kind of step over people who are due, beside UPDATE … FROM and INSERT … SELECT by hand; growth.

Whole journeys with mails to the sink, and how soon an event wakes its step: bench/journeys_whole.py.
"""

from datetime import timedelta
from typing import Any

from bench import journeys_whole
from bench.harness import Bench, interleaved, timed
from bench.journeys_drawn import EMPTY, NOW, REST, kinds, mail, no_stages, prepare, publish

SIZES = {
    "due": (20_000, 100_000),
    "grown": (100_000, 1_000_000),
    "flow": (5_000, 1_000_000),
    "sample": (2_000, 20_000),
    "workers": (2, 2),
    "seconds": (8, 60),
    "waiting": (20_000, 100_000),
}
_FILL = """
INSERT INTO journeys_enrolment (journey_id, contact_id, key, step_id, visit, due_at, entered_at, arrived_at, "end",
    problem)
SELECT %s, id, '', %s, 0, %s, %s, %s, '', '' FROM contacts_contact ORDER BY id LIMIT %s
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
# What contacts hold of the last round; most rounds write none of it.
_AS_BEFORE = """
UPDATE contacts_contact SET stage_id = NULL, stage_since = NULL, owner_id = NULL, attributes = '{}'
WHERE stage_id IS NOT NULL OR owner_id IS NOT NULL OR attributes <> '{}'
"""
_EVENT = """
INSERT INTO event (contact_id, kind_id, occurred_at, recorded_at, properties, depth)
SELECT contact_id, %(kind)s, %(now)s, %(now)s, '{}', 0 FROM journeys_enrolment WHERE step_id = %(to)s
"""
# The least an UPDATE of contacts costs: each of their indexes gets an entry.
_CONTACT = """
UPDATE contacts_contact c SET {change}, updated_at = %(now)s, version = version + 1
FROM journeys_enrolment e WHERE e.step_id = %(to)s AND c.id = e.contact_id
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
    "set_stage": (_CONTACT.format(change="stage_id = %(stage)s, stage_since = %(now)s"), _EVENT),
    "set_attribute": (_CONTACT.format(change="""attributes = attributes || '{"level": "gold"}'"""), _EVENT),
    "owner": (_CONTACT.format(change="owner_id = %(owner)s"), _EVENT),
}
_TELLS = {"set_stage": "stage.entered", "set_attribute": "contact.updated", "owner": "owner.changed"}


def run(bench: Bench) -> None:
    """Measure each kind, growth, whole journeys, and how soon an event wakes its step."""
    flow = bench.size("flow") + 2 * bench.size("sample")
    people = prepare(bench, max(flow, *(bench.size(name) for name in ("due", "grown", "waiting"))))
    for kind, settings in kinds(people).items():
        _measure(bench, kind, settings, people)
    no_stages()
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
        cursor.execute(EMPTY)
        cursor.execute("UPDATE campaigns_dispatch SET size = 0")
        cursor.execute(_FILL, [version.journey_id, ids["here"], NOW, before, before, people])
        cursor.execute("VACUUM ANALYZE journeys_enrolment")
        cursor.execute(_AS_BEFORE)
        if cursor.rowcount:
            cursor.execute("VACUUM ANALYZE contacts_contact")
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
    values = people | {"step": here, "to": rest, "now": NOW, "dispatch": dispatch}
    tells = _TELLS.get(kind, "tag.added")
    values["kind"] = kind_ids([tells])[tells]

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
