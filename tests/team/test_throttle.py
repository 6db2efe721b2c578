"""Counting tries: limits, windows, forgetting, and two guesses at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from crm.team.models import Throttle
from crm.team.throttle import LOGIN_ADDRESS, LOGIN_NETWORK, WINDOW, Limit, TooMany, forget, take

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TWO = Limit("test.two", 2)


@pytest.mark.django_db
def test_the_try_after_the_last_is_refused_until_the_window_ends():
    take([(TWO, "emma@example.com")], NOW)
    take([(TWO, "Emma@Example.com ")], NOW + timedelta(minutes=1))
    with pytest.raises(TooMany) as refused:
        take([(TWO, "emma@example.com")], NOW + timedelta(minutes=2))
    assert refused.value.until == NOW + WINDOW
    take([(TWO, "emma@example.com")], NOW + WINDOW)
    assert Throttle.objects.get().tries == 1


@pytest.mark.django_db
def test_one_closed_key_does_not_close_another_and_all_are_counted():
    for _ in range(2):
        take([(TWO, "emma@example.com")], NOW)
    with pytest.raises(TooMany):
        take([(TWO, "emma@example.com"), (LOGIN_NETWORK, "203.0.113.0/24")], NOW)
    take([(TWO, "noah@example.com"), (LOGIN_NETWORK, "203.0.113.0/24")], NOW)
    assert sorted(Throttle.objects.values_list("tries", flat=True)) == [1, 2, 3]


@pytest.mark.django_db
def test_forgetting_opens_and_old_rows_go():
    for _ in range(2):
        take([(TWO, "emma@example.com")], NOW)
    forget(TWO, "EMMA@example.com")
    take([(TWO, "emma@example.com")], NOW)
    take([(TWO, "noah@example.com")], NOW + 2 * WINDOW)
    assert Throttle.objects.count() == 1


@pytest.mark.django_db
def test_neither_address_nor_network_is_kept_in_the_clear():
    take([(LOGIN_ADDRESS, "emma@example.com"), (LOGIN_NETWORK, "203.0.113.0/24")], NOW)
    kept = " ".join(Throttle.objects.values_list("key", flat=True))
    assert "emma" not in kept
    assert "203" not in kept or len(kept) == 129
    assert len(kept) == 129


@pytest.mark.django_db(transaction=True)
def test_two_guesses_at_once_are_two_guesses():
    outcomes: list[str] = []
    gate = threading.Barrier(4)

    def guess() -> None:
        gate.wait()
        try:
            take([(TWO, "emma@example.com")], NOW)
            outcomes.append("heard")
        except TooMany:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["heard", "heard", "refused", "refused"]
