"""Alarms begin on the second bad look, are told once and not again within the hour, and end after calm minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.home.health import alarms, signals
from crm.home.health.signals import Signal
from crm.home.models import Alarm
from crm.team.models import Notice, Role, User

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def team():
    return [
        User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN, language="en"),
        User.objects.create_user("han@example.com", name="Han", role=Role.ADMIN, language="ko"),
        User.objects.create_user("bob@example.com", name="Bob", role=Role.MARKETER),
        User.objects.create_user("gone@example.com", name="Gone", role=Role.ADMIN, is_active=False),
    ]


@pytest.fixture
def see(monkeypatch, team):
    """Let the one signal have a value (limit 10) at some seconds after the start; return how many notices followed."""

    def look(value: float, seconds: float) -> int:
        one = Signal("lag", "Delay", "It is slow.", "Wait.", value, 10)
        monkeypatch.setattr(alarms, "signals", lambda now: [one])
        before = Notice.objects.count()
        alarms.look(START + timedelta(seconds=seconds))
        return Notice.objects.count() - before

    return look


def test_short_peak_is_nobodys_business(see):
    assert [see(12, 0), see(12, 30), see(3, 50), see(12, 70), see(12, 120), see(3, 122)] == [0] * 6
    assert alarms.raised() == set()


def test_lasting_fault_is_told_once_to_every_admin_by_mail(see, team):
    assert [see(12, 0), see(12, 30), see(12, 60), see(15, 90), see(15, 4000)] == [0, 0, 2, 0, 0]
    assert alarms.raised() == {"lag"}
    told = Notice.objects.order_by("pk")
    assert {notice.user.name for notice in told} == {"Alice", "Han"}
    assert all(notice.state == "ready" for notice in told)
    assert told[0].text == "It is slow. Wait."


def test_alarm_ends_only_well_below_the_limit_and_after_calm_minutes(see):
    see(12, 0)
    assert see(12, 60) == 2
    assert [see(9, 90), see(9, 900)] == [0, 0]  # below the limit but not below 8
    assert alarms.raised() == {"lag"}
    assert [see(2, 930), see(12, 960), see(2, 990), see(2, 1200)] == [0, 0, 0, 0]
    assert alarms.raised() == {"lag"}
    assert see(2, 1300) == 2
    assert alarms.raised() == set()
    assert Notice.objects.filter(text="All clear: Delay").count() == 1
    assert Notice.objects.filter(text__contains="이상 없음").count() == 1


def test_flapping_is_told_once_an_hour(see):
    told = 0
    for minute in range(121):
        told += see(12 if minute % 10 < 3 else 1, minute * 60)
    assert told == 2 * 2 * 2  # two admins, alarm and end, in the first and in the second hour


def test_nothing_is_told_while_another_process_looks(see, monkeypatch):
    import psycopg
    from django.db import connection

    settings = connection.get_connection_params()
    wanted = {key: settings[key] for key in ("dbname", "user", "host", "port") if key in settings}
    with psycopg.connect(**wanted) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [alarms._LOCK])
        assert [see(12, 0), see(12, 60)] == [0, 0]
        assert not Alarm.objects.exists()


def test_signals_of_an_idle_install_say_what_is_silent(settings):
    found = {one.key: one for one in signals.signals(START)}
    assert {key for key, one in found.items() if one.is_bad} == {"worker", "clock", "follow"}
    assert set(found) == {
        "worker", "clock", "follow", "lag", "stopped", "stuck", "failed", "partitions", "disk", "bounces",
        "complaints", "mailer", "restored",
    }  # fmt: skip


def test_every_signal_speaks_korean_too():
    from django.utils import translation

    with translation.override("ko"):
        for one in signals.signals(START):
            for text in (one.label, one.text, one.remedy):
                assert any("가" <= letter <= "힣" for letter in str(text)), one.key


def test_role_that_was_never_heard_of_is_missed_only_after_a_while(settings):
    from crm.home.health import heartbeats

    heartbeats.note("follow", heartbeats.FOLLOW, START)
    soon, later = START + timedelta(seconds=60), START + timedelta(seconds=settings.HEALTH_SILENCE_SECONDS + 1)
    assert not {one.key for one in signals.signals(soon) if one.is_bad}
    heartbeats.note("follow", heartbeats.FOLLOW, later)
    assert {one.key for one in signals.signals(later) if one.is_bad} == {"worker", "clock"}
