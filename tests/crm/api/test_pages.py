"""The page of tokens and the documentation."""

import pytest

from crm.api import samples
from crm.api.catalogue import ROUTES
from crm.api.pages import GROUPS
from crm.team import api_tokens
from crm.team.models import ApiToken
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db


def test_token_is_shown_once_works_and_is_revoked(client, team, guest):
    client.force_login(team.rob)
    page = client.post("/team/tokens/", {"name": "Shop", "scopes": ["contacts:read"], "days": "90"})
    assert page.status_code == 201
    token = ApiToken.objects.get()
    secret = page.context["made"].secret
    assert secret in page.content.decode()
    assert secret not in str(token.__dict__)
    assert secret not in client.get("/team/tokens/").content.decode()
    guest.headers = {"Authorization": f"Bearer {secret}"}
    assert guest.get("contacts").status == 200
    assert guest.post("contacts", {"name": "X"}).body["scope"] == "contacts:write"
    client.post(f"/team/tokens/{token.pk}/revoke/")
    assert guest.get("contacts").status == 401


def test_token_without_a_name_or_scope_is_not_made(client, team):
    client.force_login(team.rob)
    assert client.post("/team/tokens/", {"name": "", "days": "90"}).status_code == 422
    assert not ApiToken.objects.exists()


def test_tokens_of_others_are_an_admins_business(client, team):
    made = api_tokens.create(team.rob, "Shop", ["contacts:read"], days=None, now=NOW)
    client.force_login(team.rita)
    assert "Shop" not in client.get("/team/tokens/").content.decode()
    assert client.post(f"/team/tokens/{made.token.pk}/revoke/").status_code == 404
    client.force_login(team.alice)
    assert "Shop" in client.get("/team/tokens/").content.decode()
    assert client.get("/admin/team/apitoken/").status_code == 200
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_documentation_shows_every_verb_in_both_languages(client, team, language):
    from crm.api.catalogue import ROUTES

    team.mina.language = language
    team.mina.save(update_fields=["language"])
    client.force_login(team.mina)
    page = client.get("/api/docs/").content.decode()
    assert page.count('class="card api-verb"') == len(ROUTES)
    assert "style=" not in page
    assert "curl" in page
    assert "requests.post(" in page


def test_document_is_open_api_of_every_route(client, db):
    from crm.api.catalogue import ROUTES

    made = client.get("/api/v1/openapi.json").json()
    assert made["openapi"] == "3.1.0"
    verbs = [verb for path in made["paths"].values() for verb in path.values()]
    assert len({verb["operationId"] for verb in verbs}) == len(ROUTES)
    bodies = [verb for verb in verbs if "requestBody" in verb]
    assert all(verb["requestBody"]["content"]["application/json"]["examples"] for verb in bodies)


def test_every_group_of_verbs_has_a_name_in_the_readers_words():
    assert {route.tag for route in ROUTES} - GROUPS.keys() == set()


def test_sample_of_a_file_keeps_it():
    assert samples.curl("https://w.example", "GET", "/api/v1/files/12/content", None, file=True).startswith("curl -OJ ")
    assert "answer.content" in samples.python("https://w.example", "GET", "/api/v1/files/12/content", None, file=True)
