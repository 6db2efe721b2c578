"""Event kinds: what is refused, and the sentences they tell."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from contacts.ledger.errors import WrongEvent
from contacts.ledger.kinds import KINDS, EventKind, PastEvent, tell
from crm.kit.registry import RegistrationError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def past(kind="page.viewed", **fields):
    usual = {"id": 1, "contact_id": 1, "kind": kind, "occurred_at": NOW, "recorded_at": NOW}
    return PastEvent(**usual | {"subject": None, "value": None, "properties": {}} | fields)


@pytest.mark.parametrize("key", ["clicked", "mail.", ".clicked", "Mail.clicked", "mail.clicked.twice", "a b", ""])
def test_a_key_reads_like_noun_and_verb(key):
    with pytest.raises(WrongEvent, match="a key reads like"):
        EventKind(key, "x", tell("x"))


def test_a_sentence_must_be_a_function():
    with pytest.raises(WrongEvent, match="must be a function"):
        EventKind("a.b", "x", "Clicked")


def test_a_taken_key_is_refused():
    with pytest.raises(RegistrationError, match="is taken by"):
        KINDS.register(EventKind("page.viewed", "Mine", tell("Mine")))
    assert KINDS["page.viewed"].label != "Mine"


def test_a_sentence_is_told_with_facts_or_without():
    sentence = tell("Viewed {title}", "Viewed a page")
    assert sentence(past(properties={"title": " Prices {x} %s "})) == "Viewed Prices {x} %s"
    assert sentence(past(properties={"title": ""})) == "Viewed a page"
    assert sentence(past(properties={"title": {"no": "text"}})) == "Viewed a page"
    assert tell("On {subject}")(past(subject=("page", "/a"))) == "On /a"
    assert tell("On {subject}")(past()) == "On "


def test_money_reads_as_money():
    order = past("order.placed", value=Decimal("12000.0000"))
    with override("ko"):
        assert "12,000원" in KINDS["order.placed"].sentence(order)
    with override("en"):
        assert KINDS["order.placed"].sentence(order) == "Placed an order of ₩12,000"


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.key)
def test_every_kind_tells_something_of_an_empty_event(kind):
    assert kind.sentence(past(kind.key)).strip()
    assert str(kind.label)
