"""Programs with tokens: asking as a colleague, with JSON in and out."""

import json
from types import SimpleNamespace

import pytest

from crm.team import api_tokens
from crm.team.api_tokens import TokenScope
from tests.contacts.conftest import NOW, crowd, now, person, team  # noqa: F401 - fixtures

API = "/api/v1/"


class Program:
    """A client with a token; answers have `status`, `body` (values, of a file its bytes) and `headers`."""

    def __init__(self, client, secret):
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def __call__(self, method, path, body=None, **headers):
        url = path if path.startswith("/") else API + path
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method, url, data, content_type="application/json", headers={**self.headers, **extra}
        )
        return SimpleNamespace(status=answer.status_code, body=_body(answer), headers=answer.headers)

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self("PATCH", path, body, **headers)

    def delete(self, path, **headers):
        return self("DELETE", path, **headers)


def _body(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content)
    return json.loads(answer.content) if answer.content else None


@pytest.fixture
def program(client):
    """A program of a colleague: program(team.mina) may all that she may; program(user, "contacts:read") less."""

    def make(user, *scopes):
        made = api_tokens.create(user, "test", scopes or TokenScope.values, days=None, now=NOW)
        return Program(client, made.secret)

    return make


@pytest.fixture
def guest(client):
    return Program(client, None)
