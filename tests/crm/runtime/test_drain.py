"""SIGTERM: web and follow end by themselves, in time and cleanly; what is on its way is answered first."""

import http.client
import signal
import subprocess
import time
from pathlib import Path

import pytest
from django.db import connection

from contacts.people.models import Contact
from tests.processes import free_port, python, soon

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30.0


def stopped(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Send SIGTERM and return the exit code and the seconds it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE), time.monotonic() - began


def answers(port: int, path: str) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        asked.request("GET", path)
        return asked.getresponse().status
    except OSError:
        return 0
    finally:
        asked.close()


def test_web_answers_what_was_asked_before_it_ends(tmp_path: Path) -> None:
    """A page waits for a table that is locked; the server is told to end; the lock goes; the page still arrives."""
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port)]
    command = ["-m", "granian", "--interface", "asgi", "--no-ws", *place, "crm.asgi:application"]
    with python(*command, log=tmp_path / "web.log", JOURNAL_DIR=str(tmp_path / "journal")) as server:
        assert soon(lambda: answers(port, "/healthz") == 200, 40), (tmp_path / "web.log").read_text()[-2000:]
        assert answers(port, "/team/login/") in (200, 302)
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=25)
            asked.request("GET", "/readyz")  # reads that table
            assert soon(_somebody_waits), "the request did not reach the database"
            server.send_signal(signal.SIGTERM)
            cursor.execute("COMMIT")
        assert asked.getresponse().status in (200, 503)
        assert server.wait(PATIENCE) == 0


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def test_follow_ends_after_its_pass(tmp_path: Path) -> None:
    Contact.objects.create(name="x")
    with python("manage.py", "follow", log=tmp_path / "follow.log") as follow:
        assert soon(_led, 40), (tmp_path / "follow.log").read_text()[-2000:]
        code, seconds = stopped(follow)
    assert code == 0
    assert seconds < PATIENCE
    assert not _led()


def _led() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7237 AND "
            "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return cursor.fetchone()[0] > 0
