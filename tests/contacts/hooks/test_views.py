"""The pages of webhooks: the secret once, wrong input with what was typed, what can be done with one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.hooks.models import Hook, HookDelivery
from crm.kit import clock
from crm.kit.work import WorkState
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9460/hook"


def test_secret_is_shown_once(as_, team):
    client = as_(team.alice)
    form = {"name": "ERP", "url": URL, "kinds": ["order.placed"], "owner_id": team.rob.pk, "segment_id": ""}
    made = client.post("/settings/webhooks/new/", form)
    hook = Hook.objects.get()
    assert (made.status_code, hook.owner, hook.batched, hook.segment) == (201, team.rob, False, None)
    assert hook.secret in made.content.decode()
    page = f"/settings/webhooks/{hook.pk}/"
    assert hook.secret not in client.get(page).content.decode()
    renewed = client.post(f"{page}secret/").content.decode()
    hook.refresh_from_db()
    assert hook.secret in renewed


def test_wrong_input_stays_and_changes_nothing(as_, team, hook):
    client, made = as_(team.alice), hook(URL)
    page = f"/settings/webhooks/{made.pk}/edit/"
    form = {
        "name": "Typed",
        "url": "https://10.0.0.1/",
        "kinds": ["order.placed"],
        "owner_id": team.rob.pk,
        "version": 1,
    }
    wrong = client.post(page, form)
    assert wrong.status_code == 422
    assert "Typed" in wrong.content.decode()
    assert client.post(page, form | {"url": URL, "version": 7}).status_code == 409
    made.refresh_from_db()
    assert made.name == "ERP"
    assert client.post(page, form | {"url": URL}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.owner, made.version) == ("Typed", team.rob, 2)


def test_what_can_be_done_with_one(as_, team, hook):
    client, made = as_(team.alice), hook(URL)
    page = f"/settings/webhooks/{made.pk}/"
    for verb, state in (("pause", "paused"), ("go-on", "active")):
        assert client.post(f"{page}{verb}/").status_code == 302
        made.refresh_from_db()
        assert made.state == state
    client.post(f"{page}test/")
    assert HookDelivery.objects.get().test
    now = clock.now()
    row = HookDelivery.objects.create(
        hook=made, made_at=now - timedelta(hours=5), due_at=NOW, state=WorkState.FAILED, status=500, duration_ms=12,
        last_error="HTTP 500", kinds=["order.placed"], events=1,
    )  # fmt: skip
    assert "HTTP 500" in client.get(f"{page}?state=failed").content.decode()
    span = {"since": now - timedelta(days=2), "until": now + timedelta(days=1)}
    typed = {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in span.items()}
    assert client.post(f"{page}replay/", typed | {"until": typed["since"]}).status_code == 422
    assert client.post(f"{page}replay/", typed | {"only_failed": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (WorkState.READY, 0, "")
    client.post(f"{page}delete/")
    assert Hook.objects.count() == 0


def test_list_costs_the_same_for_one_and_three(as_, team, hook):
    client = as_(team.alice)
    hook(URL)
    client.get("/settings/webhooks/")
    before = _queries(client)
    hook(URL)
    hook(URL)
    assert _queries(client) == before


def _queries(client):
    with CaptureQueriesContext(connection) as seen:
        client.get("/settings/webhooks/")
    return len(seen)
