"""Every kind that is registered can be put on the canvas, opened in the panel, saved, and opened again."""

import json

import pytest
from django.urls import reverse

from crm.kit import icons as drawings
from crm.kit.clock import now
from journeys.editor import palette
from journeys.journey import editing
from journeys.steps.kind import STEP_KINDS
from journeys.triggers.kind import TRIGGER_KINDS

pytestmark = pytest.mark.django_db


def test_every_step_kind_lies_on_a_shelf_with_an_icon_and_ways_out():
    shelved = [kind["key"] for shelf in palette.shelves() for kind in shelf["kinds"]]
    assert sorted(shelved) == sorted(STEP_KINDS.keys())
    for name in palette.icons():
        assert drawings.drawing(name)
    for kind in STEP_KINDS:
        assert all(outlet.key and str(outlet.label) for outlet in kind.outlets({}))


def test_fields_that_are_hidden_name_fields_that_exist():
    for kind in [*STEP_KINDS, *TRIGGER_KINDS]:
        form = kind.form()
        for field, (decider, values) in form.shown_when.items():
            assert field in form.fields
            known = {str(value) for value, _label in form.fields[decider].choices}
            assert {str(value) for value in values} <= known


def test_every_kind_is_opened_and_saved_as_it_begins(client, mina):
    client.force_login(mina)
    journey = editing.create("All kinds", by=mina, now=now())
    steps = [kind for shelf in palette.shelves() for kind in shelf["kinds"]]
    for what, kinds in (("step", steps), ("trigger", palette.triggers())):
        for kind in kinds:
            body = {"what": what, "kind": kind["key"], "settings": kind["settings"]}
            place = reverse("admin:journeys_journey_panel", args=[journey.pk])
            answer = client.post(place, json.dumps(body), content_type="application/json")
            assert answer.status_code == 200, kind["key"]
            assert json.dumps(answer.json()["settings"])
    graph = {
        "version": 1,
        "steps": [
            {"key": f"s{row}", "kind": kind["key"], "settings": kind["settings"], "row": row}
            for row, kind in enumerate(steps)
        ],
        "triggers": [
            {"key": f"t{row}", "kind": kind["key"], "settings": kind["settings"]}
            for row, kind in enumerate(palette.triggers())
        ],
    }
    place = reverse("admin:journeys_journey_draft", args=[journey.pk])
    saved = client.post(place, json.dumps({"version": 1, "graph": graph}), content_type="application/json")
    assert saved.status_code == 200
    assert len(saved.json()["cards"]) == len(steps)
    page = client.get(reverse("admin:journeys_journey_change", args=[journey.pk]))
    assert [step["kind"] for step in page.context["canvas"]["graph"]["steps"]] == [kind["key"] for kind in steps]
