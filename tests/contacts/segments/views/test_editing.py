"""Making and changing segments through the pages."""

import json

import pytest

from contacts.segments.models import Segment, SegmentState
from contacts.segments.starters import STARTERS

pytestmark = pytest.mark.django_db
SEOUL = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": ["Seoul"]}]}}


def asking(**leaf):
    return {"version": 1, "rule": {"all": [leaf]}}


def form(name="Seoul", definition=SEOUL, **more):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return {"name": name, "description": "", "definition": text, **more}


def test_segment_is_made_once_and_counted(as_, team):
    page = as_(team.mina)
    token = "11111111-1111-4111-8111-111111111111"
    first = page.post("/segments/new/", form(token=token))
    again = page.post("/segments/new/", form(token=token))
    segment = Segment.objects.audiences().get()
    assert first.url == again.url == f"/segments/{segment.pk}/"
    assert (segment.name, segment.definition, segment.created_by) == ("Seoul", SEOUL, team.mina)
    assert segment.state == SegmentState.BUILDING
    assert "City is “Seoul”" in page.get(first.url).content.decode()


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ("", "This field is required."),
        ("{", "This is no JSON."),
        ("[]", "A definition reads"),
        (asking(field="shoe", operator="is", value="x"), "There is no field “shoe”"),
        (asking(field="city", operator="like__regex", value="x"), "no operator"),
        (asking(field="city", operator="is", value=3), "Condition 1: Write a text."),
        (asking(_connector="OR"), "Condition 1"),
        ({"version": 1, "rule": {"all": [{"any": []}] * 10_000}}, "at most"),
    ],
)  # fmt: skip
def test_bad_definition_is_refused_with_its_place_and_kept(as_, team, definition, said):
    answer = as_(team.mina).post("/segments/new/", form(definition=definition))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Segment.objects.audiences().exists()


def test_stale_edit_shows_what_the_other_one_saved_and_keeps_what_was_written(as_, team):
    page = as_(team.mina)
    page.post("/segments/new/", form())
    segment = Segment.objects.audiences().get()
    busan = json.loads(json.dumps(SEOUL).replace("Seoul", "Busan"))
    assert page.post(f"/segments/{segment.pk}/edit/", form(definition=busan, version=1)).status_code == 302
    jeju = json.dumps(SEOUL).replace("Seoul", "Jeju")
    answer = page.post(f"/segments/{segment.pk}/edit/", form(definition=jeju, version=1))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "City is “Busan”" in text
    assert "Jeju" in text
    segment.refresh_from_db()
    assert segment.definition == busan
    assert 'name="version" value="2"' in text
    assert page.post(f"/segments/{segment.pk}/edit/", form(definition=jeju, version=2)).status_code == 302


@pytest.mark.parametrize("key", STARTERS)
def test_every_template_opens_the_builder_and_can_be_saved(as_, team, key):
    page = as_(team.mina)
    begun = page.get(f"/segments/new/?template={key}").context["form"].initial
    answer = page.post("/segments/new/", {**begun, "token": str(begun["token"])})
    assert answer.status_code == 302, answer.context.get("problems")
    assert Segment.objects.audiences().get().definition == STARTERS[key].definition


def test_check_names_the_place_of_each_problem(as_, team):
    wrong = {"version": 1, "rule": {"all": [SEOUL["rule"]["all"][0], {"any": [{"field": "city", "operator": "is"}]}]}}
    answer = as_(team.mina).post("/segments/live/check/", {"definition": json.dumps(wrong)}).json()
    assert answer["problems"] == [{"path": ["rule", "all", 1, "any", 0, "value"], "text": "Write a text."}]
    good = as_(team.mina).post("/segments/live/check/", {"definition": json.dumps(SEOUL)}).json()
    assert good["problems"] == []
    assert "City is “Seoul”" in good["html"]
