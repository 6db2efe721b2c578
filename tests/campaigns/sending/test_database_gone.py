"""PostgreSQL goes away in mid-send and forgets its last asynchronous commits: all are sent once, all is written."""

import psycopg
import pytest
from django.db import connection

from campaigns.sending.worker import send_now
from contacts.consent.models import Decision
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.killing import finished, kinds_by_message, launched
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 400


def test_lost_connection_and_lost_commits_are_made_good(smtp: SmtpServer) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    database = connection.settings_dict
    where = f"host='{database['HOST']}' port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        worker = cursor.fetchone()[0]
    forgotten: list[int] = []

    def on_body(recipient: str, data: bytes) -> str:
        if len(smtp.taken) == PEOPLE // 2 and not forgotten:
            with psycopg.connect(where, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [worker])
                gone = other.execute(
                    "DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY id DESC LIMIT 60) RETURNING id"
                )
                forgotten.extend(number for (number,) in gone.fetchall())
        return OK

    smtp.on_body = on_body
    send_now(now)
    assert len(forgotten) == 60
    assert len({taken.message_id for taken in smtp.taken}) == len(smtp.taken) == PEOPLE
    kinds = kinds_by_message(dispatch)
    assert len(kinds) == PEOPLE
    assert all(dict(counted) == {"mail.sent": 1} for counted in kinds.values())
    assert finished(dispatch)


def test_lost_wake_ups_are_made_good_by_the_sweep(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker was flushed after the launch: nothing but rows is left, and the sweep starts from them."""
    from campaigns.campaign import launch
    from campaigns.sending import tasks

    people = make_people(30)
    decide(people, Decision.GRANTED)
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=now())
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "wake_freeze", lambda number: woken.append(("freeze", number)))
    monkeypatch.setattr(tasks, "wake_send", lambda: woken.append(("send", 0)))
    tasks.sweep()
    assert woken == [("freeze", dispatch.pk)]
    tasks.freeze(dispatch.pk)
    woken.clear()
    tasks.sweep()
    assert woken == [("send", 0)] * tasks.WORKERS
    tasks.send()
    assert len(smtp.taken) == 30
    assert finished(dispatch)
    woken.clear()
    tasks.sweep()
    assert woken == []
