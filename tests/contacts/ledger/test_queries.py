"""Reading the ledger back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.queries import counts_by_kind, events_about, events_of, recorded_by_kind, timeline

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def ids():
    found = append(
        [
            NewEvent(1, "page.viewed", NOW - timedelta(hours=3), ("page", "/a"), properties={"title": "A"}),
            NewEvent(1, "order.placed", NOW - timedelta(hours=2), ("order", "7"), Decimal(12)),
            NewEvent(1, "page.viewed", NOW - timedelta(hours=2), ("page", "/b")),
            NewEvent(1, "hit.opened", NOW - timedelta(hours=1)),
            NewEvent(2, "page.viewed", NOW, ("page", "/a")),
        ],
        source="t",
        now=NOW,
    )
    catch_up(NOW)
    return found


def test_a_timeline_is_newest_first_without_what_is_hidden(ids, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = timeline([1])
    assert [event.id for event in found] == [ids[2], ids[1], ids[0]]
    assert (found[1].kind, found[1].subject, found[1].value) == ("order.placed", ("order", "7"), 12)
    assert found[2].properties == {"title": "A"}


def test_a_timeline_goes_on_after_the_last_one_shown(ids):
    first = timeline([1, 2], limit=2)
    last = first[-1]
    rest = timeline([1, 2], before=(last.occurred_at, last.id))
    assert [event.id for event in [*first, *rest]] == [ids[4], ids[2], ids[1], ids[0]]
    assert timeline([1], kinds=["hit.opened"])[0].id == ids[3]
    assert timeline([]) == []


def test_events_of_and_about(ids):
    assert [event.id for event in events_of(1, ["page.viewed"])] == [ids[0], ids[2]]
    assert [event.id for event in events_of(1, ["page.viewed"], since=NOW - timedelta(hours=2))] == [ids[2]]
    assert [event.id for event in events_about(("page", "/a"), ["page.viewed"])] == [ids[4], ids[0]]


def test_counts(ids):
    counts = counts_by_kind([1, 2])
    assert (counts["page.viewed"], counts["order.placed"]) == (3, 1)
    assert recorded_by_kind(NOW - timedelta(hours=2), NOW) == {
        "page.viewed": 1,
        "order.placed": 1,
        "hit.opened": 1,
        "mail.opened_by_machine": 1,  # it does not say which program it is
    }
