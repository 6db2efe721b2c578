"""Calls of a step: written once, signed, repeated, given up, and told to who waits."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from functools import partial

import pytest

from contacts.people.models import Contact
from journeys.calls import calling
from journeys.calls.calling import call_due, forget
from journeys.calls.models import Call
from journeys.calls.signing import secret_of
from journeys.steps.webhook import WEBHOOK
from tests.journeys.calls.server import Receiver
from tests.journeys.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]


def clock():
    return NOW


def test_call_is_made_once_signed_and_forgets_its_body(run):
    ann = Contact.objects.create(name="Ann", city="Seoul", attributes={"plan": "Pro"})
    with Receiver(204) as receiver:
        settings = {"url": receiver.url, "tell": ["name", "attributes"]}
        found = run("webhook", settings, [ann])
        assert run("webhook", settings, [ann]) == found
        call = Call.objects.get()
        assert found == [("next", None, {"call": call.pk})]
        assert call_due(clock) == 1
        assert call_due(clock) == 0
    ((_path, headers, body),) = receiver.got
    data = json.loads(body)["data"]
    assert data["contact"] == {"id": ann.pk, "name": "Ann", "attributes": {"plan": "Pro"}}
    assert (data["journey"], data["step"]) == (7, "here")
    key = base64.b64decode(secret_of(receiver.url).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    call.refresh_from_db()
    assert (call.state, call.status, call.body) == ("done", 204, None)


def test_failure_is_repeated_later_and_a_refusal_is_not(run):
    people = [Contact.objects.create(name=name) for name in ("Ann", "Bob")]
    with Receiver(503, 200) as slow, Receiver(410) as gone:
        run("webhook", {"url": slow.url}, people[:1])
        Call.objects.update(enrolment_id=50)
        run("webhook", {"url": gone.url}, people[1:])
        assert call_due(clock) == 2
        first, second = Call.objects.order_by("contact_id")
        assert (first.state, first.status, first.last_error) == ("ready", 503, "HTTP 503")
        assert first.due_at > NOW
        assert (second.state, second.status, second.body) == ("failed", 410, None)
        assert call_due(lambda: first.due_at) == 1
    first.refresh_from_db()
    assert (first.state, first.status) == ("done", 200)
    assert len(slow.got) == 2
    assert slow.got[0][1]["webhook-id"] == slow.got[1][1]["webhook-id"]


def test_who_waits_for_the_answer_goes_by_it(outlets):
    people = [Contact.objects.create(name=name) for name in ("Ann", "Bob")]
    with Receiver(200) as receiver:
        settings = {"url": receiver.url, "answer": True}
        assert outlets("webhook", settings, people) == [None, None]
        call_due(clock)
        Call.objects.filter(contact_id=people[1].pk).update(state="failed")
        assert outlets("webhook", settings, people) == ["next", "failed"]
    assert len(receiver.got) == 2


def test_one_that_hangs_is_tried_again_later_and_holds_up_no_other(run, monkeypatch):
    monkeypatch.setattr(calling, "post", partial(calling.post, seconds=0.3))
    people = [Contact.objects.create(name=name) for name in ("Ann", "Bob")]
    with Receiver("drip") as hangs, Receiver(200) as quick:
        run("webhook", {"url": hangs.url}, people[:1])
        Call.objects.update(enrolment_id=50)
        run("webhook", {"url": quick.url}, people[1:])
        assert call_due(clock) == 2
    first, second = Call.objects.order_by("contact_id")
    assert (first.state, first.status) == ("ready", None)
    assert "No answer" in first.last_error
    assert first.due_at > NOW
    assert (second.state, second.status) == ("done", 200)


def test_private_address_fails_for_good(run, settings):
    settings.OUTGOING_NETWORKS = []
    run("webhook", {"url": "http://127.0.0.1:8099/"}, [Contact.objects.create(name="Ann")])
    call_due(clock)
    call = Call.objects.get()
    assert call.state == "failed"
    assert "private network" in call.last_error


def test_form_refuses_what_is_no_address_and_shows_the_secret():
    assert list(WEBHOOK.read({"url": "ftp://a.example/"}).errors) == ["url"]
    form = WEBHOOK.read({"url": "https://a.example/hook"})
    assert form.is_valid()
    assert secret_of("https://A.example/other") in str(form.fields["url"].help_text)
    assert secret_of("https://b.example/") not in str(form.fields["url"].help_text)


def test_calls_long_over_are_forgotten():
    kept = {
        "visit": 0,
        "contact_id": 1,
        "url": "https://a.example/",
        "due_at": NOW,
        "made_at": NOW - timedelta(days=91),
    }
    for number, state in enumerate(("done", "failed", "ready")):
        Call.objects.create(enrolment_id=number, state=state, **kept)
    assert forget(NOW) == 2
    assert Call.objects.get().state == "ready"
