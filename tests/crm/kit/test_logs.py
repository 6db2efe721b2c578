"""Log lines carry the ids of request, user and job, and no address of anybody."""

import json
import logging
import sys

import pytest
from django.db import IntegrityError

from contacts.people.models import Contact
from crm.kit.logs import CONTEXT, JsonLines, PlainLines, without_people


def record(message: str, *args: object, facts: dict[str, object] | None = None, error: bool = False):
    line = logging.LogRecord(
        "campaigns", logging.WARNING, __file__, 1, message, args, sys.exc_info() if error else None
    )
    if facts:
        line.facts = facts
    return line


def test_json_line_has_ids_facts_and_message() -> None:
    token = CONTEXT.set({"request": "abc", "task": "campaigns.sweep"})
    try:
        line = json.loads(JsonLines().format(record("sent %d to %s", 3, "kim@naver.com", facts={"user": 7})))
    finally:
        CONTEXT.reset(token)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "WARNING",
        "logger": "campaigns",
        "message": "sent 3 to [address]",
        "request": "abc",
        "task": "campaigns.sweep",
        "user": 7,
    }


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("from 김철수 <chul.su+a@xn--3e0b707e.kr>", "from 김철수 <[address]>"),
        ("call 010-1234-5678 now", "call [phone] now"),
        ("+82 10-1234-5678", "[phone]"),
        ("대표@회사.한국 refused", "[address] refused"),
        ("dispatch 12: 3 of 4000 in 2026-11-22 08:00:00", "dispatch 12: 3 of 4000 in 2026-11-22 08:00:00"),
        ("x\nDETAIL: Key (name)=(김철수) exists\ny", "x\nDETAIL: [left out]\ny"),
    ],
)
def test_people_are_taken_out_and_nothing_else(text: str, left: str) -> None:
    assert without_people(text) == left


@pytest.mark.django_db
@pytest.mark.parametrize("form", [JsonLines(), PlainLines("%(message)s")])
def test_refused_row_of_the_database_tells_nobody(form: logging.Formatter) -> None:
    first = {"email": "secret.person@example.com", "email_key": "k"}
    Contact.objects.create(name="김비밀", **first)
    try:
        Contact.objects.create(name="김비밀", **first)
    except IntegrityError:
        line = form.format(record("no: %s", "x", error=True))
    assert "IntegrityError" in line
    assert "secret.person" not in line
    assert "DETAIL: [left out]" in line
