"""The nightly care."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.tasks import nightly
from crm.kit import clock

pytestmark = pytest.mark.django_db


def test_the_night_names_lost_events_and_forgets_old_keys(caplog):
    long_ago = clock.now() - timedelta(days=31)
    append([NewEvent(987_654, "page.viewed", long_ago, key="a")], source="t", now=long_ago)
    nightly()
    assert "contact 987654 does not exist but has 1 events" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event_key")
        assert cursor.fetchone() == (0,)
