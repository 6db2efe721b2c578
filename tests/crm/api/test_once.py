"""Idempotency-Key: done once, answered twice; another body, or at the same moment, is refused."""

import json
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from contacts.people.models import Contact
from crm.api import once
from crm.api.models import Answer
from crm.team import api_tokens
from crm.team.api_tokens import TokenScope
from tests.contacts.conftest import NOW
from tests.crm.api.conftest import Program

KEY = {"Idempotency_Key": "order-1"}


@pytest.mark.django_db
def test_repeat_gets_the_first_answer_and_adds_nobody(program, team):
    mina = program(team.mina)
    first = mina.post("contacts", {"name": "Kim"}, **KEY)
    again = mina.post("contacts", {"name": "Kim"}, **KEY)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Contact.objects.count() == 1
    other = mina.post("contacts", {"name": "Lee"}, **KEY)
    assert (other.status, other.body["type"]) == (422, "/api/docs/#error-key-reused")
    assert program(team.mina).post("contacts", {"name": "Lee"}, **KEY).status == 201  # another token's keys are its own
    assert Contact.objects.count() == 2


@pytest.mark.django_db
def test_refused_request_is_not_kept_and_may_be_mended(program, team):
    mina = program(team.mina)
    assert mina.post("contacts", {"email": "nobody"}, **KEY).status == 400
    assert mina.post("contacts", {"email": "some@body.example"}, **KEY).status == 201
    assert Answer.objects.count() == 1


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(program, team):
    mina = program(team.mina)
    mina.post("contacts", {"name": "Kim"}, **KEY)
    now = timezone.now()
    assert once.forget(now + timedelta(hours=23)) == 0
    assert once.forget(now + timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one(client, team):
    made = api_tokens.create(team.mina, "race", TokenScope.values, days=None, now=NOW)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:  # the first request, still running
            lock = f"api:token:{made.token.pk}:order-1"
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 2))", [lock])
            assert cursor.fetchone()[0]
        mina = Program(client, made.secret)
        busy = mina.post("contacts", {"name": "Kim"}, **KEY)
        assert (busy.status, busy.body["type"]) == (409, "/api/docs/#error-key-in-use")
        assert not Contact.objects.exists()
        other.rollback()
        assert mina.post("contacts", {"name": "Kim"}, **KEY).status == 201
    finally:
        other.close()
    assert json.loads(Answer.objects.get().body)["name"] == "Kim"
    assert not connection.in_atomic_block
