"""Journeys that are worth a picture: an empty draft, one of thirty steps, a rehearsal. Called by docs/tour_examples.py.

Django is set up when this is imported.
"""

from typing import Any

from campaigns.senders.models import Sender
from contacts.lists.models import Tag
from contacts.stages.choice import stages_in_use
from crm.kit import clock
from crm.team.models import User
from journeys.engine.models import Enrolment, Trace
from journeys.graph.graph import Graph, Rules
from journeys.graph.parsing import parse
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.rehearsal import asking
from journeys.rehearsal.models import Rehearsal
from journeys.starters import mails
from journeys.starters.lanes import Meaning
from journeys.starters.rules import did, field, whole
from journeys.starters.sketch import Chosen, Sketch

_EMPTY, _BIG, _LEFT_CART = "Untitled", "후보 고객 육성 30단계 · 30 steps", "Carts, rehearsed"
_INTERESTS = (("price", "가격을 보는 분"), ("change", "바꾸기 어려운 분"), ("daily", "매일 쓰는 분"))


def examples() -> dict[str, object]:
    """Return ids by the names that stand for them in paths; each is made once."""
    return {
        "journey_empty": _made(_EMPTY, Graph()),
        "journey_big": _made(_BIG, _thirty()),
        "journey_rehearsed": _rehearsed(),
        "journey_walker": _walker(),
    }


def _made(name: str, graph: Graph) -> int:
    found = Journey.objects.filter(name=name).first()
    by = User.objects.get(email="marketer@wayfare.example")
    return (found or editing.create(name, graph=graph, by=by, now=clock.now())).pk


def _thirty() -> Graph:
    """Draw a journey over all five stages: three interests, each with mails, waits, a click and what follows."""
    by = User.objects.get(email="marketer@wayfare.example")
    sender = Sender.objects.order_by("pk")[:1].get()
    made = mails.ensure("nurture", "www.wayfare.example", by=by, now=clock.now())
    on = Sketch(Chosen(sender=sender.pk, mails=made), stages_in_use())
    tag, _new = Tag.objects.get_or_create(name="관심 고객")
    on.step("greet", "wait", until="clock", at="10:00", weekdays=[1, 2, 3, 4, 5])
    ways = [{"key": key, "label": label, "rule": whole(field("title", "contains", key))} for key, label in _INTERESTS]
    on.lane = Meaning.EDUCATE
    on.step("interest", "branch", ways=ways)
    on.chain("greet", "interest")
    for key, label in _INTERESTS:
        _one(on, key, label, tag.pk)
    on.lane = Meaning.ADVOCATE
    on.step("goal", "goal", name="구매")
    on.step("end", "end")
    on.chain("goal", "end")
    on.lead("interest", **{"else": "end"})
    return on.drawn({"tag_added": {"tag": tag.pk}}, Rules(goal=whole(did("order.placed"))))


def _one(on: Sketch, key: str, label: str, tag: int) -> None:
    """Draw eight steps of one interest; who clicks is told to the owner, and comes to the next stage."""
    on.lane = Meaning.EDUCATE
    on.lead("interest", **{key: on.mail(key)})
    clicked: dict[str, Any] = {"what": "clicked", "mail": f"mail_{key}", "since": "mail", "n": 3, "unit": "days"}
    on.step(f"{key}_clicked", "wait_event", **clicked)
    on.chain(f"mail_{key}", f"{key}_clicked")
    on.step(f"{key}_tag", "tag", what="add", tag=tag)
    on.lane = Meaning.CONVERT
    on.step(f"{key}_stage", "set_stage", stage=on.stage(Meaning.CONVERT), forward=True)
    on.step(f"{key}_tell", "notify", whom="owner", message=f"{label}: 지금 연락하세요", by_mail=True)
    on.chain(f"{key}_tag", f"{key}_stage", f"{key}_tell", "goal")
    on.lane = Meaning.EDUCATE
    on.wait(f"{key}_wait", 5)
    on.lane = Meaning.RETAIN
    on.step(f"{key}_score", "score", points=5, reason="끝까지 읽음")
    on.step(f"{key}_split", "split", parts=[{"key": "a", "label": "A", "weight": 1}], hold_out=0)
    on.lead(f"{key}_clicked", happened=f"{key}_tag", timed_out=f"{key}_wait")
    on.chain(f"{key}_wait", f"{key}_score", f"{key}_split")
    on.lead(f"{key}_split", a="end")


def _rehearsed() -> int:
    """Return a draft like the journey that runs, rehearsed over 90 days for the marketer."""
    runs = Journey.objects.filter(state="running").order_by("pk")[:1].get()
    number = _made(_LEFT_CART, parse(runs.draft))
    if not Rehearsal.objects.filter(journey=number).exists():
        journey, by = Journey.objects.get(pk=number), User.objects.get(email="marketer@wayfare.example")
        asking.ask(number, parse(journey.draft), 90, by=by, now=clock.now())
        while asking.run_due(clock.now):
            pass
    return number


def _walker() -> int | None:
    """Return somebody who took many steps of the journey that runs."""
    runs = Journey.objects.filter(state="running").order_by("pk")[:1].get()
    last = Trace.objects.filter(step__version__journey=runs).order_by("-visit", "-pk").first()
    return last.contact_id if last else Enrolment.objects.values_list("contact_id", flat=True).first()
