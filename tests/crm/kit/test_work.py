"""Work rows, by stored webhooks: claimed up to the limit; after an error given back, failed, or left to another."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.webhooks.models import WebhookReceipt
from crm.kit.work import NotYet, WorkState, backoff

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


def do_next(work, **more) -> tuple[WebhookReceipt, bool]:
    make()
    was_one = WebhookReceipt.do_next(lambda: NOW, work, **more)
    return WebhookReceipt.objects.get(), was_one


def raising(error):
    def work(_row):
        raise error

    return work


def test_the_next_row_is_claimed_and_done():
    row, was_one = do_next(lambda row: row.finish())
    assert (was_one, row.state, row.attempts) == (True, WorkState.DONE, 1)
    assert not WebhookReceipt.do_next(lambda: NOW, raising(AssertionError("nothing is due")))


def test_what_must_wait_comes_again_in_a_moment_and_this_was_no_attempt():
    make()
    WebhookReceipt.objects.update(last_error="ValueError: once")
    WebhookReceipt.do_next(lambda: NOW, raising(NotYet("somebody reads it still")))
    row = WebhookReceipt.objects.get()
    assert (row.state, row.attempts, row.due_at) == (WorkState.READY, 0, NOW + NotYet.pause)
    assert row.last_error == ""


def test_what_is_refused_stands_as_failed_with_its_sentence():
    row, _ = do_next(raising(KeyError("gone")), refused=(KeyError,))
    assert (row.state, row.last_error) == (WorkState.FAILED, "'gone'")


def test_any_other_error_is_logged_and_tried_again(caplog):
    row, _ = do_next(raising(ValueError("what")), refused=(KeyError,))
    assert (row.state, row.due_at, row.last_error) == (WorkState.READY, NOW + backoff(1), "ValueError: what")
    assert caplog.records[-1].exc_info[1].args == ("what",)


def test_a_lost_lease_ends_the_work_and_changes_nothing():
    def work(row):
        WebhookReceipt.objects.update(state=WorkState.CANCELLED)
        row.finish()

    row, was_one = do_next(work)
    assert (was_one, row.state, row.last_error) == (True, WorkState.CANCELLED, "")


def test_a_cancelled_row_stays_cancelled_whatever_its_work_ended_in():
    def work(_row):
        WebhookReceipt.objects.update(state=WorkState.CANCELLED)
        raise NotYet

    row, _ = do_next(work)
    assert (row.state, row.due_at) == (WorkState.CANCELLED, NOW)


def test_a_model_may_keep_only_the_type_of_an_error(monkeypatch):
    monkeypatch.setattr(WebhookReceipt, "keeps_messages", False)
    row, _ = do_next(raising(ValueError("kim@example.com")))
    assert row.last_error == "ValueError"


def test_the_last_failure_writes_when_it_ended(monkeypatch):
    monkeypatch.setattr(WebhookReceipt, "ended_column", "received_at")
    monkeypatch.setattr(WebhookReceipt, "max_attempts", 1)
    make()
    later = NOW + timedelta(minutes=1)
    WebhookReceipt.do_next(lambda: later, raising(ValueError("what")))
    row = WebhookReceipt.objects.get()
    assert (row.state, row.received_at) == (WorkState.FAILED, later)
