"""Work rows, by stored webhooks: claimed up to the limit; after an error given back, failed, or left to another."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.webhooks.models import WebhookReceipt
from crm.kit.work import WorkState, backoff

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make(count: int = 1) -> None:
    for n in range(count):
        WebhookReceipt.objects.create(
            provider="mailgun", digest=str(n), body=b"{}", received_at=NOW, due_at=NOW - timedelta(seconds=n)
        )


def claimed() -> WebhookReceipt:
    (row,) = WebhookReceipt.claim(NOW)
    return row


def test_claim_takes_no_more_than_its_limit_and_the_oldest_first():
    make(5)
    due = list(WebhookReceipt.objects.order_by("due_at").values_list("pk", flat=True))
    assert [row.pk for row in WebhookReceipt.claim(NOW, limit=2)] == due[:2]
    assert [row.pk for row in WebhookReceipt.claim(NOW, limit=9)] == due[2:]
    assert WebhookReceipt.claim(NOW, limit=9) == []


def test_an_error_gives_the_row_back_for_later_and_the_last_one_fails_it():
    make()
    row = claimed()
    row.try_again(ValueError("what"), NOW)
    row.refresh_from_db()
    assert (row.state, row.due_at, row.last_error) == (WorkState.READY, NOW + backoff(1), "ValueError: what")
    WebhookReceipt.objects.update(due_at=NOW, attempts=WebhookReceipt.max_attempts - 1)
    row = claimed()
    row.try_again("not known yet", NOW)
    row.refresh_from_db()
    assert (row.state, row.last_error) == (WorkState.FAILED, "not known yet")


def test_who_lost_the_lease_changes_nothing():
    make()
    row = claimed()
    WebhookReceipt.objects.update(state=WorkState.CANCELLED)
    row.try_again(ValueError("late"), NOW)
    row.refresh_from_db()
    assert (row.state, row.last_error) == (WorkState.CANCELLED, "")
