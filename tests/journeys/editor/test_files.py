"""A journey as a file: downloaded, looked at, taken; nothing changes before, nor over somebody else's work."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.kit.clock import now
from journeys.graph.parsing import parse
from journeys.graph.yaml_form import read, written
from journeys.journey import editing
from journeys.journey.models import Journey
from tests.journeys.drawings import drawing, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_kinds")]


@pytest.fixture
def journey(client, mina) -> Journey:
    client.force_login(mina)
    made = editing.create("환영 여정", by=mina, now=now())
    return editing.save_draft(made.pk, drawing(step("a"), step("b"), links="a>b"), version=1, by=mina, now=now())


def place(journey: Journey, part: str) -> str:
    return reverse(f"admin:journeys_journey_{part}", args=[journey.pk])


def test_download_reads_back_and_has_the_journeys_name(client, journey):
    answer = client.get(place(journey, "export"))
    assert read(answer.content.decode()) == parse(journey.draft)
    assert "%ED%99%98%EC%98%81%20%EC%97%AC%EC%A0%95.yaml" in answer["Content-Disposition"]


def test_file_is_looked_at_before_it_is_taken(client, journey):
    text = written(parse(drawing(step("a", what="harm"), step("c", "teleport"), links="a>c")))
    file = SimpleUploadedFile("j.yaml", b"\xef\xbb\xbf" + text.encode())
    page = client.post(place(journey, "import"), {"file": file})
    said = page.content.decode()
    assert page.status_code == 200
    for words in ("Changed step: Does good → Does harm", "Step removed: Does good", "New step: teleport"):
        assert words in said
    assert "There is no step “teleport”" in said
    journey.refresh_from_db()
    assert journey.version == 2
    client.post(place(journey, "import"), {"text": text, "version": 2, "take": "1"})
    journey.refresh_from_db()
    assert (journey.version, [one["key"] for one in journey.draft["steps"]]) == (3, ["a", "c"])


def test_older_look_is_not_taken_over_a_newer_draft(client, journey, mina):
    editing.save_draft(journey.pk, drawing(step("mine")), version=2, by=mina, now=now())
    text = written(parse(drawing(step("theirs"))))
    answer = client.post(place(journey, "import"), {"text": text, "version": 2, "take": "1"})
    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.content.decode()
    journey.refresh_from_db()
    assert journey.draft["steps"][0]["key"] == "mine"


@pytest.mark.parametrize("sent", [{}, {"text": " "}, {"text": "{"}, {"file": SimpleUploadedFile("x", b"\xff\xfe\x00")}])
def test_what_is_no_journey_is_a_400_that_says_so(client, journey, sent):
    answer = client.post(place(journey, "import"), sent)
    assert answer.status_code == 400
    journey.refresh_from_db()
    assert journey.version == 2
