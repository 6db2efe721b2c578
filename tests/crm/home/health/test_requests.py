"""Probes answer without session, host or https; metrics to whom they are for; every request has an id and a time."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from contacts.ledger import partitions
from crm.home.health import heartbeats, metrics, readiness
from crm.team.models import Notice, Role, User


@pytest.fixture
def now() -> datetime:
    """The time when the test begins: the pages go by the clock on the wall, and a suite takes minutes."""
    return datetime.now(UTC)


@pytest.fixture
def broker(monkeypatch):
    """A broker that answers: the tests have none."""
    monkeypatch.setitem(readiness.CHECKS, "broker", lambda now: None)


def test_process_tells_that_it_lives_without_a_database(client):
    """No mark of a database here: asking one would fail this test."""
    with override_settings(ALLOWED_HOSTS=["crm.example.com"], SECURE_SSL_REDIRECT=True):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not answer.cookies


@pytest.mark.django_db
def test_ready_when_nothing_is_missing(client, broker):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": {}})


@pytest.mark.django_db
def test_not_ready_names_what_is_missing_and_what_to_do(client, broker, monkeypatch, now):
    MigrationRecorder(connection).migration_qs.filter(app="home", name="0002_health").delete()
    month = partitions.Month.of(now)
    monkeypatch.setattr(partitions, "months", lambda: [month])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == {
        "migrations": "1 migrations are not applied (home.0002_health): run `manage.py migrate`",
        "partitions": "the ledger has 0 months ahead: start `manage.py follow` or run `ledger partitions`",
    }


@pytest.mark.django_db
def test_not_ready_without_a_broker(client, settings, tmp_path):
    from celery import current_app

    old = current_app.conf.broker_url
    current_app.conf.broker_url = f"redis+socket://{tmp_path}/none.sock"
    try:
        answer = client.get("/readyz")
    finally:
        current_app.conf.broker_url = old
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["broker"]


@pytest.mark.django_db
def test_numbers_of_the_install(client, now):
    user = User.objects.create_user("a@example.com", name="A", role=Role.ADMIN)
    rows = [("ready", 10, ""), ("ready", 400, ""), ("failed", 500, "no"), ("done", 900, "")]
    Notice.objects.bulk_create(
        Notice(user=user, text="x", at=now, state=state, due_at=now - timedelta(seconds=ago), last_error=error)
        for state, ago, error in rows
    )
    heartbeats.note("worker@a", heartbeats.WORKER, now - timedelta(seconds=30))
    client.get("/team/login/")
    text = client.get("/metrics").content.decode()
    assert 'wayfare_work_due{kind="team.notice"} 2.0' in text
    assert 'wayfare_work_stuck{kind="team.notice"} 1.0' in text
    assert 'wayfare_work_failed{kind="team.notice"} 1.0' in text
    assert 'wayfare_work_running{kind="campaigns.chunk"} 0.0' in text
    assert 'wayfare_follower_lag_seconds{follower="totals"} 0.0' in text
    assert "wayfare_database_up 1.0" in text
    assert 'wayfare_request_seconds_count{method="GET",route="team/login/",status="200"}' in text
    assert f"wayfare_partitions_ahead {partitions.months_ahead(now):.1f}" in text
    age = next(line for line in text.splitlines() if line.startswith("wayfare_heartbeat_age_seconds{"))
    assert age.startswith('wayfare_heartbeat_age_seconds{process="worker@a"} ')
    assert "@example.com" not in text


@pytest.mark.django_db
def test_numbers_cost_few_queries_whatever_there_is(client, django_assert_max_num_queries, now):
    with django_assert_max_num_queries(9):
        metrics.exposition(now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "given", "address", "status"),
    [
        ("", "", "127.0.0.1", 200),
        ("", "", "10.0.0.7", 403),
        ("s3cret-of-twenty-signs", "", "127.0.0.1", 403),
        ("s3cret-of-twenty-signs", "Bearer wrong", "10.0.0.7", 403),
        ("s3cret-of-twenty-signs", "Bearer s3cret-of-twenty-signs", "10.0.0.7", 200),
    ],
)
def test_numbers_are_given_to_whom_they_are_for(client, settings, token, given, address, status):
    settings.METRICS_TOKEN = token
    answer = client.get("/metrics", REMOTE_ADDR=address, headers={"Authorization": given})
    assert answer.status_code == status
    assert (b"wayfare_database_up" in answer.content) == (status == 200)


@pytest.mark.django_db
def test_numbers_of_the_process_outlive_the_database(client, monkeypatch):
    from django.db import OperationalError

    def away(*_args):
        raise OperationalError("away")

    monkeypatch.setattr("crm.home.health.pulse.work", away)
    text = client.get("/metrics").content.decode()
    assert "wayfare_database_up 0.0" in text
    assert "wayfare_work_due" not in text
    assert "wayfare_request_seconds" in text


@pytest.mark.django_db
def test_request_has_an_id_that_its_log_carries(client, caplog, settings):
    user = User.objects.create_user("b@example.com", name="B", role=Role.ADMIN)
    client.force_login(user)
    caplog.set_level(logging.INFO, "wayfare.request")
    own = client.get("/team/profile/", headers={"X-Request-ID": "from-a-stranger"})
    settings.BEHIND_PROXY = True
    proxied = client.get("/team/profile/", headers={"X-Request-ID": "from-the-proxy"})
    bad = client.get("/nowhere/", headers={"X-Request-ID": "a b\nc"})
    assert len(own.headers["X-Request-ID"]) == 32
    assert proxied.headers["X-Request-ID"] == "from-the-proxy"
    assert len(bad.headers["X-Request-ID"]) == 32
    facts = [line.facts for line in caplog.records if line.name == "wayfare.request"]
    for fact in facts:
        assert fact.pop("ms") >= 0
    assert facts[0] == {"method": "GET", "route": "team/profile/", "status": 200, "user": user.pk}
    assert facts[2] == {"method": "GET", "route": "-", "status": 404, "user": user.pk}
