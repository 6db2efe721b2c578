"""Webhooks through the API: set up, changed, tried, repeated; what is refused changes nothing."""

from datetime import timedelta

import pytest

from contacts.hooks.models import Hook, HookDelivery
from crm.kit.work import WorkState
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db
WANTED = {"name": "ERP", "url": "https://93.184.215.14/hook", "kinds": ["order.placed", "mail.clicked"]}


@pytest.fixture
def ask(program, team):
    return program(team.alice)


def test_webhook_is_set_up_changed_and_deleted(ask, team):
    made = ask.post("webhooks", WANTED)
    assert (made.status, made.body["state"], made.body["owner_id"]) == (201, "active", team.alice.pk)
    hook = Hook.objects.get()
    assert made.body["secret"] == hook.secret
    url = f"webhooks/{hook.pk}"
    assert "secret" not in ask.get(url).body
    changed = ask.patch(url, {"version": 1, "state": "paused", "batched": True})
    assert (changed.status, changed.body["state"], changed.body["batched"]) == (200, "paused", True)
    again = ask.patch(url, {"version": 1, "name": "Other"})
    assert (again.status, again.body["current"]["name"]) == (409, "ERP")
    assert ask.patch(url, {"version": 2, "state": "active"}).body["state"] == "active"
    renewed = ask.post(f"{url}/secret")
    assert (renewed.status, renewed.body["secret"] != made.body["secret"]) == (200, True)
    assert ask.delete(url).status == 204
    assert Hook.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"url": "https://127.0.0.1/hook"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "http://93.184.215.14/"}, "url"),
        ({"url": "ftp://93.184.215.14/"}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["hit.clicked"]}, "kinds"),
        ({"owner_id": 987654321}, "owner_id"),
        ({"segment_id": 987654321}, "segment_id"),
        ({"name": "a\nb"}, "name"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_is_refused(ask, wrong, path):
    answer = ask.post("webhooks", WANTED | wrong)
    assert (answer.status, [error["path"] for error in answer.body["errors"]]) == (400, [path])
    assert Hook.objects.count() == 0


def test_deliveries_are_read_and_made_once_more(ask, team):
    hook = Hook.objects.create(**WANTED, owner=team.alice, since=NOW, created_at=NOW)
    url = f"webhooks/{hook.pk}"
    rows = [
        HookDelivery.objects.create(hook=hook, made_at=at, due_at=at, state=WorkState.FAILED, last_error="HTTP 500")
        for at in (NOW - timedelta(days=400), NOW)
    ]
    trial = ask.post(f"{url}/test")
    assert (trial.status, trial.body["test"]) == (202, True)
    failed = ask.get(f"{url}/deliveries?state=failed").body["results"]
    assert [row["id"] for row in failed] == [rows[1].pk, rows[0].pk]
    one = f"{url}/deliveries/{rows[0].pk}/replay"
    assert [ask.post(one).status, ask.post(one).status] == [202, 409]
    assert ask.post(f"webhooks/{hook.pk + 1}/deliveries/{rows[1].pk}/replay").status == 404
    span = {"since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
    assert ask.post(f"{url}/replay", span).status == 400
    rows[1].refresh_from_db()
    assert rows[1].state == WorkState.FAILED
