"""Calls: signed, tried again for a day, given up, switched off after days, made once more by hand."""

import base64
import hashlib
import hmac
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from contacts.errors import Invalid
from contacts.hooks import kept, replaying, subscribing
from contacts.hooks.delivering import OFF_AFTER, PAUSES
from contacts.hooks.gathering import GATHERED
from contacts.hooks.models import HookDelivery, HookEvent
from contacts.people.models import Contact
from crm.team.models import Notice
from tests.contacts.conftest import NOW
from tests.contacts.hooks.conftest import deliver, told
from tests.journeys.calls.server import Receiver

pytestmark = pytest.mark.django_db


def is_signed(call, secret):
    """Verify as docs/api.md shows."""
    _path, headers, body = call
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split(" ")


def test_event_is_told_once_and_signed(crowd, hook, happen):
    with Receiver(204) as receiver:
        made = hook(receiver.url, with_person=True)
        (number,) = happen(crowd.kim, "order.placed", value=Decimal("12.50"), order="O1")
        assert (deliver(), deliver()) == (1, 0)
    (body,) = told(receiver)
    person = {"id": crowd.kim.pk, "email": crowd.kim.email, "name": "김철수"}
    data = {"id": number, "contact": person, "subject": None, "value": "12.5000", "properties": {"order": "O1"}}
    assert body == {"type": "order.placed", "timestamp": "2026-11-21T03:00:00Z", "data": data}
    assert is_signed(receiver.got[0], made.secret)
    assert receiver.got[0][1]["webhook-timestamp"] == str(int(NOW.timestamp()))
    row = HookDelivery.objects.get()
    assert receiver.got[0][1]["webhook-id"] == f"msg_{row.pk}"
    assert (row.state, row.status, row.attempts, row.tried_at, row.last_error) == ("done", 204, 1, NOW, "")
    assert row.duration_ms >= 0


def test_person_is_a_number_unless_asked_for(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url)
        happen(crowd.kim)
        deliver()
    assert told(receiver)[0]["data"]["contact"] == {"id": crowd.kim.pk}


def test_many_in_one_call_wait_for_company(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url, batched=True)
        ids = happen(crowd.kim, count=130)
        assert deliver() == 1
        assert deliver(NOW + GATHERED) == 1
    first, rest = told(receiver)
    assert [len(body["data"]["events"]) for body in (first, rest)] == [100, 30]
    assert [event["data"]["id"] for body in (first, rest) for event in body["data"]["events"]] == ids
    assert list(HookDelivery.objects.order_by("pk").values_list("events", "kinds")) == [
        (100, ["page.viewed"]), (30, ["page.viewed"]),
    ]  # fmt: skip


def test_large_events_fill_several_calls(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url, batched=True)
        happen(crowd.kim, count=6, text="가" * 5_000)
        deliver(NOW + GATHERED)
    assert [len(body["data"]["events"]) for body in told(receiver)] == [3, 3]


def test_failure_is_tried_again_for_a_day_then_set_aside(crowd, hook, happen):
    with Receiver(500) as receiver:
        hook(receiver.url)
        happen(crowd.kim)
        times, at = [], NOW
        while deliver(at):
            times.append(at)
            row = HookDelivery.objects.get()
            at = max(row.due_at, row.hook.rest_until)
    assert [b - a for a, b in pairwise(times)] == [
        max(pause, timedelta(seconds=min(300, 5 * 2**n))) for n, pause in enumerate(PAUSES)
    ]
    assert timedelta(hours=24) < times[-1] - times[0] < timedelta(hours=25)
    assert (row.state, row.status, row.attempts, row.last_error) == ("failed", 500, 9, "HTTP 500")
    assert {headers["webhook-id"] for _path, headers, _body in receiver.got} == {f"msg_{row.pk}"}
    assert row.hook.state == "active"


def test_failing_receiver_is_asked_once_in_a_while_and_holds_up_nobody(crowd, hook, happen):
    with Receiver(500) as slow, Receiver(200) as fine:
        made = hook(slow.url)
        happen(crowd.kim, count=2)
        assert deliver() == 2  # both at once: nobody knew yet
        made.refresh_from_db()
        assert (made.failures, made.rest_until) == (2, NOW + timedelta(seconds=10))
        hook(fine.url)
        later = NOW + timedelta(seconds=10)
        happen(crowd.kim, count=5, at=later)
        assert deliver(later) == 6
    assert (len(slow.got), len(fine.got)) == (3, 5)


def test_receiver_that_fails_for_days_is_switched_off_and_people_are_told(crowd, hook, happen, team):
    with Receiver(503) as receiver:
        made = hook(receiver.url)
        happen(crowd.kim)
        deliver()
        late = NOW + OFF_AFTER
        happen(crowd.kim, at=late, count=3)
        deliver(late)
    made.refresh_from_db()
    assert (made.state, made.failing_since) == ("off", NOW)
    assert list(HookDelivery.objects.values_list("state", flat=True).distinct()) == ["failed"]
    notice = Notice.objects.get()
    assert (notice.user, notice.url) == (team.alice, f"/settings/webhooks/{made.pk}/")
    assert "HTTP 503" in notice.text
    happen(crowd.kim, at=late)
    assert deliver(late + timedelta(days=1)) == 0


def test_gone_switches_off_at_once(crowd, hook, happen):
    with Receiver(410) as receiver:
        made = hook(receiver.url)
        happen(crowd.kim)
        deliver()
    made.refresh_from_db()
    assert (made.state, HookDelivery.objects.get().state) == ("off", "failed")


def test_success_forgets_failures(crowd, hook, happen):
    with Receiver(500, 200) as receiver:
        made = hook(receiver.url)
        happen(crowd.kim)
        deliver()
        made.refresh_from_db()
        assert (made.failures, made.failing_since) == (1, NOW)
        assert deliver(NOW + timedelta(seconds=6)) == 1
    made.refresh_from_db()
    assert (made.failures, made.failing_since, made.rest_until) == (0, None, None)


def test_redirect_and_private_address_are_not_followed(crowd, hook, happen, settings):
    with Receiver(302, headers={"Location": "http://127.0.0.1:1/"}) as receiver:
        hook(receiver.url)
        happen(crowd.kim)
        deliver()
        assert len(receiver.got) == 1
        first = HookDelivery.objects.get()
        assert (first.state, first.attempts) == ("failed", 1)
        assert "redirects" in first.last_error
        settings.OUTGOING_NETWORKS = []  # the address was allowed when it was typed
        happen(crowd.kim)
        deliver(NOW + timedelta(minutes=1))
        assert len(receiver.got) == 1
    assert "private network" in HookDelivery.objects.latest("pk").last_error


def test_whom_the_owner_sees_no_more_and_who_is_gone_is_not_told(crowd, hook, happen, team):
    with Receiver(200) as receiver:
        hook(receiver.url, owner_id=team.rob.pk)
        happen(crowd.kim)
        Contact.objects.filter(pk=crowd.kim.pk).update(owner=team.rita)
        deliver()
    assert receiver.got == []
    assert HookDelivery.objects.values_list("state", "status", "events").get() == ("done", None, 0)


def test_secret_is_changed_with_an_overlap(crowd, hook, happen):
    with Receiver(200) as receiver:
        old = hook(receiver.url)
        new = subscribing.renew_secret(old.pk, now=NOW)
        assert new.secret != old.secret
        for at in (NOW, NOW + subscribing.OVERLAP):
            happen(crowd.kim, at=at)
            deliver(at)
    assert [is_signed(call, new.secret) for call in receiver.got] == [True, True]
    assert [is_signed(call, old.secret) for call in receiver.got] == [True, False]
    assert new.secret not in str(vars(new))


def test_delivery_is_made_once_more_by_hand(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url)
        happen(crowd.kim)
        deliver()
        row = HookDelivery.objects.get()
        assert replaying.replay(row, now=NOW)
        assert not replaying.replay(row, now=NOW)
        assert deliver() == 1
    assert told(receiver)[0] == told(receiver)[1]
    assert receiver.got[0][1]["webhook-id"] == receiver.got[1][1]["webhook-id"]


def test_range_of_time_is_made_once_more(crowd, hook, happen):
    hours = [NOW + timedelta(hours=hour) for hour in range(4)]
    with Receiver(200) as receiver:
        made = hook(receiver.url)
        for at in hours:
            happen(crowd.kim, at=at)
            deliver(at)
        rows = list(HookDelivery.objects.order_by("made_at"))
        HookDelivery.objects.filter(pk=rows[2].pk).update(state="failed")
        late = {"now": hours[3]}
        assert replaying.replay_range(made, hours[1], hours[3], only_failed=True, **late) == 1
        assert replaying.replay_range(made, hours[1], hours[3], only_failed=False, **late) == 1
        assert deliver(hours[3]) == 2
    waiting = HookDelivery.objects.exclude(replayed_at=None).values_list("pk", flat=True)
    assert set(waiting) == {rows[1].pk, rows[2].pk}
    for wrong in ((hours[2], hours[1]), (NOW - kept.KEPT - timedelta(seconds=1), hours[1])):
        with pytest.raises(Invalid):
            replaying.replay_range(made, *wrong, only_failed=False, now=NOW)
    assert HookDelivery.objects.filter(state="ready").count() == 0


def test_trial_reaches_also_a_paused_one_and_says_nothing_of_it(hook):
    with Receiver(500) as receiver:
        made = hook(receiver.url)
        subscribing.pause(made.pk)
        subscribing.send_test(made, now=NOW)
        assert (deliver(), deliver()) == (1, 0)
    assert told(receiver)[0]["type"] == "test"
    made.refresh_from_db()
    assert (HookDelivery.objects.get().state, made.failures, made.state) == ("failed", 0, "paused")


def test_old_deliveries_are_forgotten(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url)
        happen(crowd.kim)
        deliver()
        assert kept.forget(NOW + kept.KEPT) == 0
        assert kept.forget(NOW + kept.KEPT + timedelta(seconds=1)) == 1
    assert HookEvent.objects.count() == 0
