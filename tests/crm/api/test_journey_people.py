"""The course of a journey and its people, by programs."""

import pytest

from journeys.journey.models import Journey
from tests.crm.api.worlds import WAITING, come_in, running_journey

pytestmark = pytest.mark.django_db


def test_journey_is_paused_resumed_finished_copied_and_archived(program, now, team):
    mina, journey = program(team.mina), running_journey(by=team.mina, now=now)
    where = f"journeys/{journey.pk}"
    for verb, state in (("pause", "paused"), ("pause", "paused"), ("resume", "running"), ("finish", "finishing")):
        assert mina.post(f"{where}/{verb}").body == {"id": journey.pk, "state": state}
    copy = mina.post(f"{where}/clone")
    assert (copy.status, copy.body["state"], copy.body["drawing"]["first"]) == (201, "draft", "wait")
    refused = mina.post(f"journeys/{copy.body['id']}/pause")
    assert (refused.status, Journey.objects.get(pk=copy.body["id"]).state) == (409, "draft")
    assert mina.post(f"{where}/archive").body["state"] == "archived"
    assert mina.post(f"{where}/resume").status == 409


def test_old_version_is_published_again_unless_somebody_was_quicker(program, now, team):
    mina, journey = program(team.mina), running_journey(by=team.mina, now=now)
    where = f"journeys/{journey.pk}"
    ends = {**WAITING, "first": "end", "steps": [WAITING["steps"][1]], "links": []}
    draft = mina.patch(f"{where}/draft", {"version": 1, "drawing": ends}).body
    assert mina.post(f"{where}/publish", {"version": draft["version"]}).body["number"] == 2
    assert mina.post(f"{where}/versions/1/publish", {"live": 1}).status == 409
    assert mina.post(f"{where}/versions/7/publish", {"live": 2}).status == 404
    assert mina.post(f"{where}/versions/1/publish", {"live": 2}).body["number"] == 3
    told = mina.get(f"{where}/versions").body["results"]
    assert [(row["number"], row["drawing"]["first"]) for row in told] == [(3, "wait"), (2, "end"), (1, "wait")]


def test_people_inside_are_told_let_on_and_taken_out(program, crowd, now, team):
    journey = running_journey(by=team.mina, now=now)
    kim, lee = (come_in(journey, contact, now) for contact in (crowd.kim, crowd.lee))
    mina, where = program(team.mina), f"journeys/{journey.pk}/people"
    assert {(row["id"], row["contact_id"], row["step"]) for row in mina.get(where).body["results"]} == {
        (kim.pk, crowd.kim.pk, "wait"),
        (lee.pk, crowd.lee.pk, "wait"),
    }
    assert mina.post(f"{where}/{kim.pk}/move-on", {"visit": 0, "outlet": "no"}).status == 409
    assert mina.post(f"{where}/{kim.pk}/move-on", {"visit": 0, "outlet": "next"}).body == {"changed": True}
    assert mina.post(f"{where}/{kim.pk}/move-on", {"visit": 0, "outlet": "next"}).body == {"changed": False}
    hers = mina.get(f"contacts/{crowd.kim.pk}/journeys").body["results"]
    assert [(row["id"], row["visit"], row["step"]) for row in hers] == [(kim.pk, 1, "end")]
    assert mina.post(f"{where}/{lee.pk}/leave").body == {"changed": True}
    assert mina.post(f"{where}/{lee.pk}/leave").body == {"changed": False}
    assert mina.post(f"journeys/{journey.pk + 1}/people/{lee.pk}/leave").status == 404
    ended = mina.get(f"{where}?state=ended").body["results"]
    assert [(row["id"], row["end"]) for row in ended] == [(lee.pk, "removed")]
    assert program(team.rita).get(f"contacts/{crowd.lee.pk}/journeys").status == 403
