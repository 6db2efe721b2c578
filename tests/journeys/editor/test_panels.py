"""The panels of the real kinds and the heading of the page, as a marketer reads them; the subject on a card."""

import json
import re

import pytest
from django.urls import reverse

from campaigns.templating.preview import subject_line
from crm.kit.clock import now
from crm.team.models import User
from journeys.editor.palette import begun
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.steps.kind import STEP_KINDS
from journeys.triggers.kind import TRIGGER_KINDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(mina: User) -> Journey:
    return editing.create("Abandoned cart", by=mina, now=now())


@pytest.fixture
def at(client, mina, journey):
    """Post JSON to a door of the journey as Mina; returns the answer."""
    client.force_login(mina)
    place = reverse("admin:journeys_journey_panel", args=[journey.pk])
    return lambda body: client.post(place, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize(
    ("source", "language", "shown"),
    [
        ("{{ contact.name | nim }}, 환영합니다", "ko", "고객님, 환영합니다"),
        ("Welcome, {{ contact.name | nim }}", "en", "Welcome, there"),
        ("Your {{ contact.attributes.plan | default: 'plan' }} ends", "en", "Your plan ends"),
        ("{{ contact.name", "en", "{{ contact.name"),
    ],
)
def test_subject_on_a_card_reads_like_the_inbox(source, language, shown):
    assert subject_line(source, language) == shown


def test_panel_calls_nothing_optional_that_a_choice_asks_for_and_explains_what_has_no_settings(at):
    schedule = at({"what": "trigger", "kind": "schedule", "settings": {"every": "month"}}).json()["html"]
    shown = dict(re.findall(r'data-field="(\w+)"( data-when="every" data-values="\w+")?', schedule))
    assert shown == {
        "segment": "",
        "every": "",
        "date": ' data-when="every" data-values="once"',
        "weekdays": ' data-when="every" data-values="week"',
        "day": ' data-when="every" data-values="month"',
        "at": "",
    }
    assert "(optional)" not in schedule
    wait = at({"what": "step", "kind": "wait", "settings": {}}).json()["html"]
    assert re.findall(r'for="id_(\w+)">[^<]*<span class="wf-muted">\(optional\)', wait) == ["offset"]
    goal = at({"what": "step", "kind": "goal", "settings": {}}).json()["html"]
    assert "counts as having reached the goal" in goal


@pytest.mark.parametrize(
    ("shelf", "key", "name", "value"), [("step", "message", "channel", "sms"), ("way", "date", "field", "birthday")]
)
def test_new_one_begins_with_the_choice_that_its_panel_shows(shelf, key, name, value):
    kind = STEP_KINDS[key] if shelf == "step" else TRIGGER_KINDS[key]
    assert begun(kind.form())[name] == value


def test_page_is_headed_by_the_journeys_name_under_the_list(client, mina, journey: Journey):
    client.force_login(mina)
    page = client.get(reverse("admin:journeys_journey_change", args=[journey.pk])).content.decode()
    head = re.search(r'<div class="wf-admin-title">.*?</div>', page, re.DOTALL)
    assert head
    assert re.sub(r"\s+|<[^>]+>", "", head[0]) == f"Journeys›{journey.name}".replace(" ", "")


def test_a_step_put_there_just_now_is_wrong_only_where_somebody_typed(at):
    opened = {"what": "step", "kind": "send_email", "settings": begun(STEP_KINDS["send_email"].form())}
    wrong = re.compile(r'id="id_(\w+)_error"')
    assert set(wrong.findall(at(opened).json()["html"])) == {"template", "sender"}
    first = at({**opened, "fresh": True, "touched": []}).json()
    assert (wrong.findall(first["html"]), first["ok"]) == ([], False)
    typed = {"what": "step", "kind": "send_email", "typed": "template=&sender=", "fresh": True}
    assert wrong.findall(at({**typed, "touched": ["sender"]}).json()["html"]) == ["sender"]
    assert set(wrong.findall(at({**typed, "touched": "x"}).json()["html"])) == set()
    parts = {"what": "step", "kind": "split", "typed": "parts-0-label=", "fresh": True, "touched": ["parts-0-label"]}
    assert "parts" in wrong.findall(at(parts).json()["html"])


def test_owner_step_asks_for_the_colleague_and_takes_away_only_where_that_is_chosen(db):
    kind = STEP_KINDS["owner"]
    asked = kind.read(begun(kind.form()))
    assert (asked.is_valid(), list(asked.errors)) == (False, ["owner"])
    for taking in ({"what": "take", "keep": True}, {"owner": None, "keep": False}):  # the second: an older drawing
        form = kind.read(taking)
        assert form.is_valid()
        assert form.stored() == {"what": "take", "owner": None, "keep": False}
