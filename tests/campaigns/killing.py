"""Killing real worker processes in mid-send; 3 rounds in the suite, CHAOS_ROUNDS in `make chaos`."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import connection

from campaigns.campaign import freeze, launch
from campaigns.campaign.models import Campaign
from campaigns.sending.models import Dispatch, DispatchState
from contacts.ledger.models import Event
from crm.kit.clock import now
from tests.campaigns.smtp_server import SmtpServer

CONNECTIONS = 2  # of each worker: the most mails that one kill may leave in doubt


def start_worker(server: SmtpServer, journal: Path, *, until_idle: bool = True) -> subprocess.Popen[bytes]:
    """Start `manage.py send` on the test database."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "TEST_DATABASE": str(database["NAME"]),
        "SMTP_URL": server.url,
        "JOURNAL_DIR": str(journal),
        "LEASE_SECONDS": "2",
    }
    command = [sys.executable, "manage.py", "send"] + ["--until-idle"] * until_idle
    with (journal.parent / "worker.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=log)


def launched(campaign: Campaign) -> Dispatch:
    """Launch and freeze."""
    dispatch = launch.launch(campaign.pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    dispatch.refresh_from_db()
    return dispatch


def wait_for(condition, *, seconds: float = 60.0) -> bool:
    """Wait until the condition holds; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def finished(dispatch: Dispatch) -> bool:
    """Whether the dispatch is over."""
    dispatch.refresh_from_db()
    return dispatch.state == DispatchState.FINISHED


def kinds_by_message(dispatch: Dispatch) -> dict[int, Counter[str]]:
    """Count the events of each message."""
    found: dict[int, Counter[str]] = {}
    rows = Event.objects.filter(subject__type="dispatch", subject__key=str(dispatch.pk))
    for message, kind in rows.values_list("properties__message", "kind__key"):
        found.setdefault(message, Counter())[kind] += 1
    return found


def kill_in_mid_send(server: SmtpServer, dispatch: Dispatch, journal: Path, at: float) -> None:
    """Start a worker, kill -9 it when a share `at` of the mails arrived, let another finish, and prove the promise."""
    before = len(server.taken)
    victim = start_worker(server, journal, until_idle=False)
    target = before + int(dispatch.size * at)
    assert wait_for(lambda: len(server.taken) >= target), "the first worker did not send"
    time.sleep(random.uniform(0, 0.01))
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    time.sleep(0.05)
    assert len(server.taken) < before + dispatch.size, "killed too late to show anything"
    heir = start_worker(server, journal)
    try:
        assert heir.wait(60) == 0
    finally:
        heir.kill()
    assert finished(dispatch)
    prove(server, dispatch, before, CONNECTIONS)


def prove(server: SmtpServer, dispatch: Dispatch, before: int, most_in_doubt: int) -> None:
    """Nothing lost; duplicates at most those in flight, under one Message-ID, each shown as uncertain."""
    arrived = Counter(taken.message_id for taken in server.taken[before:])
    kinds = kinds_by_message(dispatch)
    twice = {message_id for message_id, n in arrived.items() if n > 1}
    doubted = {message for message, counted in kinds.items() if counted["mail.uncertain"]}
    assert len(arrived) == dispatch.size, f"lost {dispatch.size - len(arrived)}"
    assert len(kinds) == dispatch.size
    assert all(counted["mail.sent"] == 1 for counted in kinds.values())
    assert max(arrived.values()) <= 2
    assert len(twice) <= len(doubted) <= most_in_doubt
    marked = {message_of(message_id) for message_id in twice}
    assert marked <= doubted


def message_of(message_id: str) -> int:
    """Return the message a Message-ID names."""
    from campaigns.tracking.tokens import read_mail_token

    return read_mail_token(message_id.removeprefix("<m.").partition("@")[0]).message_id
