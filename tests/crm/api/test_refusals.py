"""Bad input: each is a clear 4xx as problem+json, and nothing has changed."""

import base64
import json

import pytest

from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.api.bodies import BULK, USUAL
from crm.team import api_tokens
from crm.team.models import ApiToken
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db
# What is sent, the status, and what the problem speaks of.
BODIES = {
    "no JSON": (b"{", 400, "JSON"),
    "not a number": (b'{"name": NaN}', 400, "NaN"),
    "a number too large": (b'{"attributes": {"n": 1e999}}', 400, "1e999"),
    "no text": (b"\xff\xfe", 400, "JSON"),
    "nested without an end": (b"[" * 100_000, 400, "deeply"),
    "a list": (b"[]", 400, ""),
    "an unknown field": (b'{"nickname": "K"}', 400, "nickname"),
    "a number for a text": (b'{"name": 5}', 400, "name"),
    "a text for a yes": (b'{"under_14": "yes"}', 400, "under_14"),
    "NUL": (b'{"name": "a\\u0000b"}', 400, "name"),
    "half a character": (b'{"name": "\\ud800"}', 400, "name"),
    "no address": (b'{"email": "nobody"}', 400, "email"),
    "no such attribute": (b'{"attributes": {"plan": "pro"}}', 400, "attributes.plan"),
    "an object for an attribute": (b'{"attributes": {"plan": {}}}', 400, "attributes.plan"),
    "more than a megabyte": (b'{"name": "' + b"x" * USUAL + b'"}', 413, "bytes"),
}


@pytest.mark.parametrize("what", BODIES)
def test_body_is_refused_and_nobody_is_added(program, team, what):
    body, status, word = BODIES[what]
    answer = program(team.mina).post("contacts", body)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "errors"} <= answer.body.keys()
    assert word in json.dumps(answer.body, ensure_ascii=False)
    assert not Contact.objects.exists()


def test_fifty_megabytes_are_refused_by_their_head_alone(program, team):
    mina = program(team.mina)
    answer = mina("POST", "events", b"{}", Content_Length=str(50 * 1024 * 1024))
    assert answer.status == 413
    assert str(BULK) in answer.body["detail"]


@pytest.mark.parametrize(
    "query",
    ["sort=password", "limit=0", "limit=201", "limit=many", "cursor=zzz", "page=2", "stage=x", "fields=secret",
     "limit=5&limit=6", "q=%00", "owner=99999999999999999999999", "created_from=yesterday"],
)  # fmt: skip
def test_query_by_hand_is_refused(program, crowd, team, query):
    answer = program(team.mina).get(f"contacts?{query}")
    assert answer.status == 400, answer.body
    assert answer.body["type"].endswith("#error-invalid")


def test_other_refusals_are_problems_too(program, guest, crowd, team):
    mina = program(team.mina)
    assert guest.get("contacts").status == 401
    assert guest.get("contacts").headers["WWW-Authenticate"] == "Bearer"
    assert guest.get("contacts", Authorization="Bearer wf_wrong").status == 401
    assert mina.get("nowhere").status == 404
    assert mina.get("contacts/99999").status == 404
    assert mina("PUT", "contacts", {}).status == 405
    answer = mina.client.post("/api/v1/contacts", "a=b", content_type="text/plain", headers=mina.headers)
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert program(team.rita).get(f"contacts/{crowd.kim.pk}").status == 404
    assert program(team.ana).post("contacts", {"name": "X"}).status == 403


def test_token_is_hashed_ends_and_dies_with_its_user(program, guest, team):
    made = api_tokens.create(team.rob, "t", ["contacts:read"], days=None, now=NOW)
    guest.headers = {"Authorization": f"Bearer {made.secret}"}
    assert guest.get("contacts").status == 200
    used = ApiToken.objects.get().last_used_at
    assert guest.get("contacts").status == 200
    assert ApiToken.objects.get().last_used_at == used  # written once a minute at most
    basic = base64.b64encode(f"{made.secret}:".encode()).decode()
    assert guest.get("contacts", Authorization=f"Basic {basic}").status == 200
    ApiToken.objects.update(expires_at=NOW.replace(year=2020))
    assert guest.get("contacts").status == 401
    ApiToken.objects.update(expires_at=None)
    team.rob.is_active = False
    team.rob.save()
    assert guest.get("contacts").status == 401


def test_pace_is_kept_and_told(program, team, settings):
    settings.API_RATE = 2
    mina = program(team.mina)
    left = [mina.get("me").headers["RateLimit-Remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    late = mina.get("me")
    assert late.status == 429
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert program(team.rob).get("me").status == 200


def test_session_works_with_the_proof_of_its_page_alone(client, team):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(team.mina)
    assert strict.get("/api/v1/me").json()["name"] == "Mina"
    refused = strict.post("/api/v1/tags", "{}", content_type="application/json")
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_an_event_that_is_wrong_is_refused_alone(program, crowd, team):
    before = Event.objects.count()
    rows = [
        {"id": "e1", "email": "cs.kim@hanbit.example.com", "about": "Trial started"},
        {"id": "e2", "email": "no address", "about": "Trial started"},
        {"id": "e3", "contact_id": 99999, "about": "Trial started"},
        {"id": "e4", "contact_id": crowd.kim.pk, "kind": "product.viewed", "about": "none"},
    ]
    answer = program(team.mina).post("events", {"events": rows}).body
    assert [row["result"] for row in answer["rows"]] == ["kept", "refused", "refused", "refused"]
    assert [list(row["errors"]) for row in answer["rows"]] == [[], ["email"], ["contact_id"], ["about"]]
    assert Event.objects.count() == before + 1
