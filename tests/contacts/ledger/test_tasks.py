"""The nightly care."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.models import Event
from contacts.ledger.partitions import Month, months
from contacts.ledger.tasks import nightly, retain_months
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


def test_the_night_drops_no_month_while_followers_are_behind_or_all_are_kept(settings, caplog):
    old = Month.of(clock.now()).plus(-6)
    append([NewEvent(1, "page.viewed", old.start)], source="t", now=clock.now())
    before = months()
    settings.LEDGER_MONTHS = 0
    retain_months()
    assert (caplog.text, months()) == ("", before)
    settings.LEDGER_MONTHS = 3
    retain_months()
    assert "old months stay for tonight" in caplog.text
    assert (months()[0], Event.objects.count()) == (old, 1)  # the empty ones before it went
