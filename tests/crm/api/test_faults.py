"""A fault of ours: a problem with the request's number below /api/, the usual page elsewhere, and no details."""

import json

import pytest

from contacts.people.models import Contact
from crm.api import pace
from crm.api.faults import server_error
from crm.api.models import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """Every request to the API ends in an error that nobody foresaw."""

    def fail(*_args, **_more):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(pace, "take", fail)


def test_fault_is_a_problem_with_the_number_of_the_request(program, team, broken):
    mina = program(team.mina)
    mina.client.raise_request_exception = False
    answer = mina.post("contacts", {"name": "Kim"})
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.body["type"].endswith("#error-fault")
    assert answer.body["request"] == answer.headers["X-Request-ID"]
    assert answer.body["request"] in answer.body["detail"]
    assert "secret" not in json.dumps(answer.body)
    assert not Contact.objects.exists()


def test_fault_after_the_work_rolls_it_back_with_its_key(program, team, monkeypatch):
    mina = program(team.mina)
    mina.client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(Answer.objects, "create", lambda **_fields: 1 / 0)
        assert mina.post("contacts", {"name": "Kim"}, Idempotency_Key="k").status == 500
    assert not Contact.objects.exists()
    assert mina.post("contacts", {"name": "Kim"}, Idempotency_Key="k").status == 201


def test_fault_of_a_page_is_a_page(rf):
    answer = server_error(rf.get("/people/"))
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (500, "text/html")
    assert b"<html" in answer.content
