"""The follow loop: order, exactly once, poison, replay."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import ContactState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_states_count_sum_first_last_and_the_last_five_times():
    times = [NOW - timedelta(hours=n) for n in (1, 9, 2, 8, 3, 7)]
    append([NewEvent(1, "page.viewed", at) for at in times], source="t", now=NOW)
    catch_up(NOW)
    append([NewEvent(1, "page.viewed", NOW - timedelta(hours=4))], source="t", now=NOW)
    catch_up(NOW)
    state = ContactState.objects.get(contact_id=1, kind__key="page.viewed")
    assert (state.n, state.total) == (7, 0)
    assert (state.first_at, state.last_at) == (min(times), max(times))
    assert state.last_times == [NOW - timedelta(hours=n) for n in (1, 2, 3, 4, 7)]
