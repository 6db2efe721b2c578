"""The page of one person: what it shows and the forms on it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.leads.outcome import note_outcome
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.queries import timeline
from contacts.models import Attribute, ConsentEntry, ConsentState, Contact, Note, Stage

pytestmark = pytest.mark.django_db


def test_page_shows_the_person(crowd, team, as_):
    page = as_(team.rob).get(f"/people/{crowd.kim.pk}/").content.decode()
    for words in ("김철수", "㈜한빛", "010-1234-5678", 'href="tel:+821012345678"', "Added as a contact"):
        assert words in page


def test_name_with_markup_is_text(person, team, as_):
    contact = person(name="<script>alert(1)</script>", company='"><b>x')
    page = as_(team.mina).get(f"/people/{contact.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert '"><b>x' not in page


def test_merged_person_leads_to_the_survivor(crowd, team, as_):
    Contact.objects.filter(pk=crowd.caller.pk).update(merged_into=crowd.park)
    Contact.objects.filter(pk=crowd.park.pk).update(merged_into=crowd.kim)
    client = as_(team.rob)
    assert client.get(f"/people/{crowd.caller.pk}/").url == f"/people/{crowd.kim.pk}/"
    assert as_(team.rita).get(f"/people/{crowd.caller.pk}/").status_code == 404
    assert client.get("/people/999999/").status_code == 404


def test_old_and_future_events_are_shown(crowd, team, as_):
    now = datetime.now(UTC)
    events = [
        NewEvent(crowd.kim.pk, "page.viewed", datetime(2019, 1, 5, tzinfo=UTC), properties={"title": "Old page"}),
        NewEvent(crowd.kim.pk, "page.viewed", datetime(2035, 1, 5, tzinfo=UTC), properties={"title": "Future page"}),
    ]
    append(events, source="test", now=now)
    page = as_(team.rob).get(f"/people/{crowd.kim.pk}/").content.decode()
    assert "Viewed the page Old page" in page
    assert "Viewed the page Future page" in page
    assert "Reported for" in page


def test_timeline_leafs_and_filters(crowd, team, as_, now):
    many = [
        NewEvent(crowd.kim.pk, "page.viewed", now - timedelta(minutes=n // 3), properties={"title": f"p{n}"})
        for n in range(90)
    ]
    append(many, source="test", now=now)
    client, url, seen, before = as_(team.rob), f"/people/{crowd.kim.pk}/timeline/", [], ""
    while True:
        answer = client.get(url, {"kind": "page.viewed", "before": before})
        seen += [event.text for event in answer.context["events"]]
        if not (before := answer.context["before"]):
            break
    assert len(seen) == len(set(seen)) == 90
    assert client.get(url, {"before": "yesterday_1"}).status_code == 404
    assert client.get(url, {"before": "2026-11-21T03:00:00+00:00_x"}).status_code == 404
    assert client.get(url, {"kind": "no.such"}).status_code == 404


def test_stale_edit_shows_both_and_saves_on_the_second_try(crowd, team, as_):
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/edit/"
    form = {"name": "김철수", "email": "cs.kim@hanbit.example.com", "version": "1"}
    assert client.post(url, {**form, "title": "theirs"}).status_code == 302
    answer = client.post(url, {**form, "title": "mine"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this" in page
    assert "theirs" in page
    assert "mine" in page
    assert Contact.objects.get(pk=crowd.kim.pk).title == "theirs"
    assert 'name="version" value="2"' in page
    client.post(url, {**form, "title": "mine", "version": "2"})
    assert Contact.objects.get(pk=crowd.kim.pk).title == "mine"


def test_edit_keeps_what_the_form_does_not_show(crowd, team, as_):
    Attribute.objects.create(key="plan", label="Plan", type="choice", choices=["Pro", "Free"])
    Contact.objects.filter(pk=crowd.kim.pk).update(
        attributes={"plan": "Pro", "gone": 5}, time_zone="Asia/Tokyo", language="fr", country="BR"
    )
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/edit/"
    shown = client.get(url).context["form"]
    data = {field.html_name: field.value() for field in shown if field.value()}
    client.post(url, {**data, "title": "과장"})
    kim = Contact.objects.get(pk=crowd.kim.pk)
    assert (kim.title, kim.attributes) == ("과장", {"plan": "Pro", "gone": 5})
    assert (kim.time_zone, kim.language, kim.country, kim.phone) == ("Asia/Tokyo", "fr", "BR", "+821012345678")


def test_wrong_field_keeps_what_was_typed(crowd, team, as_):
    data = {"name": "x", "phone": "nope", "version": "1", "city": "서울"}
    answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/edit/", data)
    assert answer.status_code == 400
    assert "This is no phone number" in answer.content.decode()
    assert 'value="nope"' in answer.content.decode()
    assert Contact.objects.get(pk=crowd.kim.pk).name == "김철수"


def test_note_posted_twice_is_one(crowd, team, as_):
    client, data = as_(team.rob), {"text": "전화 요청\n내일", "token": str(uuid4())}
    for _ in range(2):
        client.post(f"/people/{crowd.kim.pk}/note/", data)
    notes = timeline([crowd.kim.pk], kinds=["note.added"])
    note = Note.objects.get()
    assert (note.text, note.by, note.contact) == ("전화 요청\n내일", team.rob, crowd.kim)
    assert [event.properties for event in notes] == [{"note": note.pk, "by": team.rob.pk}]


@pytest.mark.parametrize("text", ["", "tab\x07bell 내일", "긴" * 5001], ids=["empty", "control", "long"])
def test_a_refused_note_stays_in_its_field(crowd, team, as_, text):
    answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/note/", {"text": text, "token": str(uuid4())})
    assert answer.status_code == 400
    assert answer.context["note_form"]["text"].value() == text
    assert answer.context["note_form"].has_error("text")
    assert timeline([crowd.kim.pk], kinds=["note.added"]) == []


def test_consent_is_recorded_with_its_proof(crowd, team, as_):
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/consent/"
    data = {"purpose": "marketing", "channel": "email", "decision": "granted", "at": "2026-11-20T10:00",
            "source": "by phone", "wording": "Yes, send me mails"}  # fmt: skip
    client.post(url, data)
    entry = ConsentEntry.objects.get()
    assert (entry.recorded_by, entry.source, entry.wording) == (team.rob, "by phone", "Yes, send me mails")
    assert ConsentState.objects.get().decision == "granted"
    page = client.get(f"/people/{crowd.kim.pk}/").content.decode()
    for words in ("by phone", "Yes, send me mails", "Recorded by Rob"):
        assert words in page


@pytest.mark.parametrize("wrong", [{"decision": "maybe"}, {"source": ""}, {"at": "2099-01-01T00:00"}, {"purpose": "x"}])
def test_consent_without_proof_is_refused(crowd, team, as_, wrong):
    data = {"purpose": "marketing", "channel": "email", "decision": "granted", "at": "2026-11-20T10:00", "source": "x"}
    answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/consent/", data | wrong)
    assert answer.status_code == 400
    assert (ConsentEntry.objects.count(), ConsentState.objects.count()) == (0, 0)


def test_stage_by_hand_keeps_from_and_to(crowd, team, as_):
    stages = {stage.key: stage for stage in Stage.objects.filter(model__in_use=True)}
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/stage/"
    for key in ("educate", "convert", "convert"):
        client.post(url, {"stage": stages[key].pk})
    moves = timeline([crowd.kim.pk], kinds=["stage.entered"])
    assert [(m.properties["from"], m.properties["to"], m.properties["cause"]) for m in moves] == [
        ("educate", "convert", "person"),
        (None, "educate", "person"),
    ]
    other = Stage.objects.exclude(model__in_use=True).first()
    client.post(url, {"stage": other.pk})
    assert Contact.objects.get(pk=crowd.kim.pk).stage == stages["convert"]


def test_tag_on_and_off(crowd, team, as_):
    client = as_(team.rob)
    client.post(f"/people/{crowd.kim.pk}/tag/", {"name": " 파트너 "})
    link = crowd.kim.tag_links.get()
    assert link.tag.name == "파트너"
    client.post(f"/people/{crowd.kim.pk}/tag/{link.tag_id}/remove/")
    assert crowd.kim.tag_links.count() == 0


def test_mistyped_address_is_asked_about_once(team, as_):
    client = as_(team.mina)
    asked = client.post("/people/new/", {"name": "x", "email": "Kim@naver.con"})
    assert asked.status_code == 400
    assert "was kim@naver.com meant?" in asked.content.decode()
    assert 'name="email_sure" value="kim@naver.con"' in asked.content.decode()
    other = {"name": "x", "email": "lee@gmial.com", "email_sure": "kim@naver.con"}
    assert client.post("/people/new/", other).status_code == 400
    assert Contact.objects.count() == 0
    assert (
        client.post("/people/new/", {"name": "x", "email": "Kim@naver.con", "email_sure": "kim@naver.con"}).status_code
        == 302
    )
    assert Contact.objects.get().email == "kim@naver.con"
    assert client.post("/people/new/", {"name": "y", "email": "kim@naver.com"}).status_code == 302


def test_page_asks_few_questions_however_much_there_is(crowd, team, as_, now):
    client, url = as_(team.mina), f"/people/{crowd.kim.pk}/"
    client.get(url)
    for text in ("@Cleo: call him", "again"):
        client.post(f"{url}note/", {"text": text, "token": str(uuid4())})
    client.post(f"{url}tag/", {"name": "VIP"})
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    assert len(seen) <= 15


def test_next_step_is_the_promised_call_then_the_hot_lead(crowd, team, as_, now):
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/"
    append([NewEvent(crowd.kim.pk, "lead.hot", now - timedelta(days=2))], source="test", now=now)
    catch_up(now)
    assert client.get(url).context["next_step"].urgent
    assert "Call: hot for" in client.get(url).context["next_step"].text
    note_outcome(crowd.kim.pk, "later", due_on=date(2999, 1, 5), by=team.rob, now=now, token=uuid4())
    catch_up(now)
    assert client.get(url).context["next_step"].text == "Call again on Sat, Jan 5, 2999"
    assert as_(team.mina).get(f"/people/{crowd.lee.pk}/").context["next_step"] is None


def test_words_are_looked_for_in_the_lines_as_they_read(crowd, team, as_, now):
    many = [
        NewEvent(crowd.kim.pk, "page.viewed", now - timedelta(minutes=n), properties={"title": f"p{n}"})
        for n in range(60)
    ]
    append(many, source="test", now=now)
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/timeline/"
    found = client.get(url, {"q": "THE PAGE P59"}).context["events"]
    assert [event.text for event in found] == ["Viewed the page p59"]
    first = client.get(url, {"q": "viewed", "kind": "site"})
    second = client.get(url, {"q": "viewed", "kind": "site", "before": first.context["before"]})
    texts = [event.text for page in (first, second) for event in page.context["events"]]
    assert texts == [f"Viewed the page p{n}" for n in range(60)]
    assert client.get(url, {"q": "viewed", "kind": "orders"}).context["events"] == []
    assert client.get(url, {"kind": "nonsense"}).status_code == 404
