"""kill -9 of a real worker in mid-send: lost nothing, doubled at most what was on its way, each marked."""

from pathlib import Path

import pytest

from contacts.consent.models import Decision
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.killing import CONNECTIONS, finished, kill_in_mid_send, launched, prove, start_worker, wait_for
from tests.campaigns.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 1_500


@pytest.mark.parametrize("at", [0.1, 0.5, 0.85])
def test_killed_worker_loses_nothing_and_doubts_little(smtp: SmtpServer, tmp_path: Path, at: float) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
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
    dispatch = launched(make_campaign(people))
    workers = [start_worker(smtp, tmp_path / "journal") for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert smtp.connections == 2 * CONNECTIONS
    prove(smtp, dispatch, 0, 0)
