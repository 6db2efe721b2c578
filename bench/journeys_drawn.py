"""What the benches of journeys share: their people, a mail, and journeys drawn from a few lines and published."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.harness import Bench
from bench.send import _CONSENT, _PEOPLE, _campaign, _chosen

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
REST = {"until": "span", "n": 90, "unit": "days"}
SEOUL = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "서울"}]}}
EMPTY = """
TRUNCATE journeys_enrolment, journeys_trace, journeys_stepcount, contacts_contacttag, campaigns_message,
    campaigns_chunk, campaigns_retry
"""


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
        "set_stage": {"stage": people["stage"], "forward": True},
        "set_attribute": {"attribute": people["attribute"], "what": "write", "value": "gold"},
        "owner": {"owner": people["owner"], "keep": False},
    }


def mail(people: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a mail to everybody."""
    more = {"subject": "", "when_capped": "skip", "wait_days": 3, "left_out": "on"}
    return {"template": people["template"], "sender": people["sender"]} | more


def prepare(bench: Bench, count: int) -> dict[str, Any]:
    """Make people who agreed to mails, and what steps name; return the numbers that settings hold."""
    from campaigns.templating.models import MailTemplate

    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_PEOPLE, [count])
        database.execute(_CONSENT)
    chosen = _chosen(NOW)
    _campaign(chosen, conditional=False)
    return chosen | {"template": MailTemplate.objects.get().pk} | _named()


def _named() -> dict[str, Any]:
    """Make a tag, an attribute and a colleague; return them with the first stage of the model in use."""
    from contacts.attributes.models import Attribute
    from contacts.lists.models import Tag
    from contacts.stages.models import Stage
    from crm.team.models import User

    return {
        "tag": Tag.objects.create(name="Bench").pk,
        "attribute": Attribute.objects.create(target="contact", key="level", label="Level", type="text").pk,
        "owner": User.objects.create(email="rep@example.com", name="Bench").pk,
        "stage": Stage.objects.filter(model__in_use=True).order_by("position")[0].pk,
    }


def no_stages() -> None:
    """Use no model of stages: else everybody comes to a stage first, and followers wait for that."""
    from contacts.stages.models import StageModel

    StageModel.objects.update(in_use=False)


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
