"""Wake-ups: once the transaction is committed, and none the worse for a broker that is away."""

from datetime import timedelta

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from crm.kit import wake


@pytest.fixture
def sent(monkeypatch):
    """What was asked of the broker."""
    asked = []
    monkeypatch.setattr(wake.current_app, "send_task", lambda task, **options: asked.append((task, options)))
    return asked


def test_a_wake_up_names_its_task_and_never_waits_for_the_broker(sent):
    assert wake.wake("some.task", 7, after=timedelta(seconds=3), expires=30)
    assert wake.wake("other.task")
    (task, options), (_other, plain) = sent
    assert (task, options["args"], options["countdown"], options["expires"]) == ("some.task", (7,), 3.0, 30)
    assert (plain["args"], plain["countdown"], plain["retry"]) == ((), None, False)


def test_a_broker_that_is_away_is_told_by_the_answer_alone(monkeypatch):
    def away(*_arguments, **_options):
        raise OperationalError("away")

    monkeypatch.setattr(wake.current_app, "send_task", away)
    assert not wake.wake("some.task")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_before_the_commit_nor_after_a_roll_back(sent):
    with transaction.atomic():
        wake.wake_once_committed("some.task", 7)
        assert sent == []
    assert [task for task, _options in sent] == ["some.task"]
    with transaction.atomic():
        wake.wake_once_committed("other.task")
        transaction.set_rollback(True)
    assert len(sent) == 1
