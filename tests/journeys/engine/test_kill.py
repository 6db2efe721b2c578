"""kill -9 of real workers while people walk a journey: no step is skipped, none done twice, each mail queued once."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db.models import Count, Sum

from campaigns.sending.models import Message
from contacts.consent.models import Decision
from contacts.ledger.models import Event
from contacts.lists.models import ContactTag, Tag
from crm.kit.clock import now
from journeys.engine import entering
from journeys.engine.tasks import work
from journeys.graph.graph import Graph, Link, Rules, Step, Trigger
from journeys.journey import editing
from journeys.journey.publishing import publish
from journeys.models import Enrolment, StartRequest, StepCount, Trace
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.campaigns.killing import wait_for
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 1_500
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "3"))
_WORKER = """
import django, time
django.setup()
from crm.kit import clock
from journeys.engine import running
from journeys.engine.tasks import work
running.LARGEST = 150
while True:
    if not work(clock.now()):
        time.sleep(0.02)
"""


def start_worker() -> subprocess.Popen[bytes]:
    """Start a worker that takes few people at once, so that a kill falls between passes and within them."""
    return subprocess.Popen([sys.executable, "-c", _WORKER], cwd=settings.BASE_DIR, env=environment())


def published() -> int:
    """Publish a mail, a tag, two ways at random, and a second tag on one of them; return the journey's id."""
    one, two = (Tag.objects.create(name=name) for name in ("walked", "left side"))
    mail = {"template": make_template().pk, "sender": make_sender().pk, "when_capped": "skip", "left_out": "on"}
    parts = [{"key": "left", "label": "Left", "weight": 1}, {"key": "right", "label": "Right", "weight": 1}]
    steps = (
        Step("mail", "send_email", mail, row=0),
        Step("first", "tag", {"what": "add", "tag": one.pk}, row=1),
        Step("side", "split", {"parts": parts, "hold_out": 0}, row=2),
        Step("second", "tag", {"what": "add", "tag": two.pk}, row=3),
        Step("over", "end", row=4),
    )
    ways = [
        ("mail", "next", "first"),
        ("first", "next", "side"),
        ("side", "left", "second"),
        ("second", "next", "over"),
    ]
    links = (*(Link(*way) for way in ways), Link("side", "right", "over"))
    drawing = Graph((Trigger("hand", "by_hand"),), Rules(), "mail", steps, links)
    journey = editing.create("Chaos", graph=drawing, by=None, now=now())
    publish(journey.pk, by=None, now=now(), version=journey.version)
    return journey.pk


@pytest.mark.chaos
def test_killed_workers_skip_nobody_and_do_nothing_twice() -> None:
    people = make_people(PEOPLE)
    decide(people[: PEOPLE // 2], Decision.GRANTED)
    journey_id = published()
    entering.request(journey_id, [person.pk for person in people], now=now())
    for round_ in range(ROUNDS):
        workers = [start_worker() for _ in range(2)]
        reached = PEOPLE * 4 * (round_ + 1) // (ROUNDS + 1)
        try:
            assert wait_for(lambda reached=reached: Trace.objects.count() >= reached), "the workers do not get on"
            time.sleep(random.uniform(0, 0.05))
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
    assert wait_for(lambda: not work(now()) and not Enrolment.objects.filter(ended_at=None).exists())
    prove(people)


def prove(people: list) -> None:
    """Everybody took every step of her way once; counts, tags, mails and events say the same."""
    ways: dict[int, list[tuple[int, str, str]]] = {}
    for contact, visit, step, outlet in Trace.objects.order_by("contact_id", "visit").values_list(
        "contact_id", "visit", "step__key", "outlet"
    ):
        ways.setdefault(contact, []).append((visit, step, outlet))
    assert set(ways) == {person.pk for person in people}
    begin = [(0, "mail", "next"), (1, "first", "next")]
    left = [*begin, (2, "side", "left"), (3, "second", "next"), (4, "over", "next")]
    right = [*begin, (2, "side", "right"), (3, "over", "next")]
    assert all(way in (left, right) for way in ways.values()), next(
        way for way in ways.values() if way not in (left, right)
    )
    turned = {contact for contact, way in ways.items() if way == left}
    assert PEOPLE * 0.4 < len(turned) < PEOPLE * 0.6
    assert set(ContactTag.objects.filter(tag__name="left side").values_list("contact_id", flat=True)) == turned
    assert ContactTag.objects.filter(tag__name="walked").count() == PEOPLE
    assert sorted(Message.objects.values_list("left_out").annotate(n=Count("pk")).values_list("left_out", "n")) == [
        ("", PEOPLE // 2),
        ("no_consent", PEOPLE - PEOPLE // 2),
    ]
    counted = {(key, outlet): n for key, outlet, n in _counts() if not outlet.startswith("end:")}
    assert counted[("side", "left")] == len(turned)
    assert sum(counted.values()) == sum(map(len, ways.values()))
    told = dict(Event.objects.filter(kind__key__startswith="journey.").values_list("kind__key").annotate(Count("pk")))
    assert told == {"journey.entered": PEOPLE, "journey.left": PEOPLE}
    assert not StartRequest.objects.exists()


def _counts() -> list[tuple[str, str, int]]:
    rows = StepCount.objects.values_list("step__key", "outlet").annotate(n=Sum("n"))
    return [(key, outlet, n) for key, outlet, n in rows]
