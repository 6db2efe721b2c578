"""Appending: what is written, what is refused, and that a repeat changes nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.errors import UnknownKind, WrongEvent
from contacts.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def viewed(**fields):
    return NewEvent(**{"contact_id": 1, "kind": "page.viewed", "occurred_at": NOW, **fields})


def partition_of(event_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM event WHERE id = %s", [event_id])
        return cursor.fetchone()[0]


def test_append_writes_every_column():
    order = NewEvent(
        contact_id=7,
        kind="order.placed",
        occurred_at=NOW - timedelta(hours=1),
        subject=("order", "A-1"),
        value=Decimal("12000.5"),
        properties={"이름": "모자"},
        cause=3,
        depth=2,
    )
    (number,) = append([order], source="api", now=NOW)
    event = Event.objects.select_related("kind", "subject").get(pk=number)
    assert (event.contact_id, event.kind.key, event.subject.type, event.subject.key) == (
        7,
        "order.placed",
        "order",
        "A-1",
    )
    assert (event.occurred_at, event.recorded_at) == (NOW - timedelta(hours=1), NOW)
    assert (event.value, event.properties, event.cause, event.depth) == (Decimal("12000.5"), {"이름": "모자"}, 3, 2)
    assert event.origin_contact_id is None


@pytest.mark.parametrize("count", [3, 700])
def test_append_returns_ids_in_the_order_given(count):
    ids = append([viewed(contact_id=n + 1) for n in range(count)], source="t", now=NOW)
    found = dict(Event.objects.values_list("pk", "contact_id"))
    assert [found[number] for number in ids] == list(range(1, count + 1))
    assert ids == sorted(ids)
    assert len(set(Event.objects.values_list("tx", flat=True))) == 1


def test_append_drops_a_repeated_key_of_the_same_source():
    first = append([viewed(key="a"), viewed(key="b"), viewed(key="a"), viewed()], source="site", now=NOW)
    assert len(first) == 3
    assert append([viewed(key="b"), viewed(key="c")], source="site", now=NOW) != []
    assert append([viewed(key="b"), viewed(key="c")], source="site", now=NOW) == []
    assert Event.objects.count() == 4
    assert len(append([viewed(key="a")], source="api", now=NOW)) == 1


def test_append_puts_2019_into_the_past_and_clamps_2035():
    old = datetime(2019, 3, 1, tzinfo=UTC)
    future = datetime(2035, 3, 1, tzinfo=UTC)
    first, second = append([viewed(occurred_at=old), viewed(occurred_at=future)], source="t", now=NOW)
    assert partition_of(first) == "event_past"
    assert partition_of(second) == "event_2026_11"
    clamped = Event.objects.get(pk=second)
    assert (clamped.occurred_at, clamped.properties) == (NOW, {"claimed_at": "2035-03-01T00:00:00+00:00"})


def test_append_stores_what_postgresql_cannot_as_a_mark():
    raw = {"a\0b": "x\0y", "list": ["\ud83d", {"deep": "\0"}], "fine": "가\\u0000"}
    (number,) = append([viewed(properties=raw)], source="t", now=NOW)
    assert Event.objects.get(pk=number).properties == {
        "a�b": "x�y",
        "list": ["�", {"deep": "�"}],
        "fine": "가\\u0000",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "page.vanished"},
        {"contact_id": 0},
        {"occurred_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the fault
        {"value": Decimal("NaN")},
        {"value": Decimal(10) ** 15},
        {"properties": {"x": float("nan")}},
        {"properties": {"x": object()}},
        {"properties": {"x": "y" * 70_000}},
        {"key": ""},
        {"key": "k" * 201},
        {"key": "nul\0"},
        {"subject": ("page", "")},
        {"subject": ("page", "\0")},
        {"subject": ("page", "p" * 300)},
        {"depth": -1},
    ],
)
def test_append_refuses_a_wrong_event_and_writes_nothing_of_its_batch(wrong):
    with pytest.raises(WrongEvent):
        append([viewed(), viewed(**wrong)], source="t", now=NOW)
    assert Event.objects.count() == 0


def test_append_names_the_unknown_kind():
    with pytest.raises(UnknownKind, match=r'"page\.vanished" is no registered event kind'):
        append([viewed(kind="page.vanished")], source="t", now=NOW)


def test_append_of_nothing_is_nothing():
    assert append([], source="t", now=NOW) == []
