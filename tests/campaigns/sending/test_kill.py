"""kill -9 of a real worker in mid-send: lost nothing, doubled at most what was on its way, each marked."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from contacts.consent.models import Decision
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.killing import CONNECTIONS, finished, kill_in_mid_send, launched, prove, start_worker, wait_for
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 1_500
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "3"))
MOMENTS = [0.1, 0.5, 0.85] if ROUNDS == 3 else [round(random.uniform(0.02, 0.9), 3) for _ in range(ROUNDS)]


@pytest.mark.chaos
@pytest.mark.parametrize("at", MOMENTS)
def test_killed_worker_loses_nothing_and_doubts_little(smtp: SmtpServer, tmp_path: Path, at: float) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    smtp.on_body = lambda recipient, data: (time.sleep(0.001), OK)[1]  # slow enough to be killed before it is done
    kill_in_mid_send(smtp, launched(make_campaign(people)), tmp_path / "journal", at)


def test_lost_journal_marks_the_whole_window_and_loses_nothing(smtp: SmtpServer, tmp_path: Path) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    victim = start_worker(smtp, tmp_path / "a", until_idle=False)
    assert wait_for(lambda: len(smtp.taken) >= PEOPLE // 3)
    victim.kill()
    victim.wait()
    heir = start_worker(smtp, tmp_path / "b")
    assert heir.wait(60) == 0
    assert finished(dispatch)
    prove(smtp, dispatch, 0, 50 + 8)


def test_stopped_worker_drains_and_doubts_nothing(smtp: SmtpServer, tmp_path: Path) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    first = start_worker(smtp, tmp_path / "journal", until_idle=False)
    assert wait_for(lambda: len(smtp.taken) >= PEOPLE // 3)
    first.terminate()
    assert first.wait(10) == 0
    assert len(smtp.taken) < PEOPLE
    assert list((tmp_path / "journal").iterdir()) == []
    second = start_worker(smtp, tmp_path / "journal")
    assert second.wait(60) == 0
    prove(smtp, dispatch, 0, 0)


def test_two_workers_share_one_dispatch(smtp: SmtpServer, tmp_path: Path) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    smtp.on_body = lambda recipient, data: (time.sleep(0.002), OK)[1]  # slow enough for both to take a share
    journal = tmp_path / "journal"
    workers = [start_worker(smtp, journal, until_idle=False) for _ in range(2)]
    try:
        assert wait_for(lambda: len(list(journal.glob("*"))) == 2, seconds=60), "both workers must be ready"
        dispatch = launched(campaign)
        assert wait_for(lambda: finished(dispatch), seconds=60)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait(30)
    assert smtp.connections == 2 * CONNECTIONS
    prove(smtp, dispatch, 0, 0)


@pytest.mark.chaos
def test_postgres_stopped_at_once_in_mid_send(tmp_path: Path) -> None:
    """On a cluster of its own with full durability: SIGQUIT, start again; all sent once and written."""
    environment = {**os.environ, "WAYFARE_VAR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment.pop("DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.restart"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert ran.stdout.splitlines()[-1] == "all sent once, all written"
