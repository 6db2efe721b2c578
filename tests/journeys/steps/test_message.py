"""Short messages: consent of that very way, never at night, handed to the provider once."""

import json
from datetime import UTC, datetime

import pytest

from contacts.consent.models import Channel, ConsentEntry, ConsentState, Decision, Purpose
from contacts.people.models import Contact
from journeys.calls.calling import call_due
from journeys.calls.models import Call
from journeys.errors import StepBroken
from journeys.graph.graph import EMPTY, Step
from journeys.steps.message import MESSAGE
from tests.journeys.calls.server import Receiver
from tests.journeys.conftest import NOW

SMS = {"channel": "sms", "text": "Hello {name}!", "left_out": "own"}
NIGHT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)  # half past nine in the evening in Seoul


def agreed(person, purpose=Purpose.MARKETING, channel=Channel.SMS, decision=Decision.GRANTED):
    said = {"contact": person, "purpose": purpose, "channel": channel, "decision": decision}
    entry = ConsentEntry.objects.create(at=NOW, source="test", **said)
    ConsentState.objects.create(since=NOW, entry=entry, **said)


@pytest.fixture
def people(db):
    phone, zone = "+821012345678", "Asia/Seoul"
    made = [Contact.objects.create(name=name, phone=phone, time_zone=zone) for name in ("Ann", "Bob", "Cid")]
    made.append(Contact.objects.create(name="Dan", time_zone=zone))
    for person in (made[0], made[3]):
        agreed(person)
    agreed(made[1], channel=Channel.EMAIL)
    agreed(made[2], decision=Decision.WITHDRAWN)
    return made


def test_messages_reach_the_provider_with_the_mark_and_the_others_say_why(run, people, settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    with Receiver(200) as provider:
        settings.CHANNEL_WEBHOOKS = {"sms": provider.url}
        found = run("message", SMS, [*people, {"contact_id": 999_999}])
        assert [row[0] for row in found] == ["next", "not_sent", "not_sent", "not_sent", "not_sent"]
        reasons = [(row[2] or {}).get("left_out") for row in found]
        assert reasons == [None, "no_consent", "withdrawn", "no_address", "erased"]
        assert "Hello" not in json.dumps(found[0][2])
        run("message", SMS, people)
        call_due(lambda: NOW)
    ((_path, _headers, body),) = provider.got
    assert json.loads(body)["type"] == "message.sms"
    assert json.loads(body)["data"] == {
        "contact": people[0].pk, "to": "+821012345678", "text": "(광고) Hello Ann!",
    }  # fmt: skip


def test_nobody_is_woken_at_night_but_who_agreed_to_it(run, people, settings):
    settings.CHANNEL_WEBHOOKS = {"sms": "https://sms.example/"}
    owl, york = (
        Contact.objects.create(name=name, phone="+1", time_zone=zone)
        for name, zone in (("Owl", "Asia/Seoul"), ("York", "America/New_York"))
    )
    agreed(owl)
    agreed(owl, Purpose.NIGHT)
    agreed(york)
    found = run("message", SMS, [people[0], owl, york], at=NIGHT)
    morning_in_york = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    assert [row[:2] for row in found] == [
        (None, datetime(2026, 11, 21, 23, 0, tzinfo=UTC)), ("next", None), (None, morning_in_york),
    ]  # fmt: skip
    assert list(Call.objects.values_list("contact_id", flat=True)) == [owl.pk]


def test_without_a_provider_the_step_waits_and_publishing_is_refused(run, people, settings):
    settings.CHANNEL_WEBHOOKS = {}
    with pytest.raises(StepBroken, match="CHANNEL_WEBHOOKS"):
        run("message", SMS, people)
    form = MESSAGE.read(SMS)
    assert form.is_valid()
    (found,) = MESSAGE.problems(Step("m", "message", SMS), EMPTY, form.cleaned_data)
    assert (found.code, found.at) == ("no_carrier", "m")
    assert Call.objects.count() == 0
