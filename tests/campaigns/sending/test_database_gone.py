"""PostgreSQL goes away in mid-send and forgets its last asynchronous commits: all are sent once, all is written."""

from datetime import datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection

from campaigns.sending import worker
from campaigns.sending.models import Chunk
from campaigns.sending.units import Unit, claim
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
        session = cursor.fetchone()[0]
    forgotten: list[int] = []

    def on_body(recipient: str, data: bytes) -> str:
        if len(smtp.taken) == PEOPLE // 2 and not forgotten:
            with psycopg.connect(where, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [session])
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


def test_claim_that_was_committed_and_not_answered_stands_in_nobodys_name(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever takes the chunk over would wait for a worker that lives and knows nothing of it."""
    people = make_people(3)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    answered: list[str] = []

    def claim_once(at: datetime, holder: str, dispatch_id: int | None = None) -> Unit | None:
        unit = claim(at, holder, dispatch_id)
        answered.append(holder)
        if len(answered) == 1:
            assert Chunk.objects.get().holder == holder
            raise OperationalError("the answer was lost")
        return unit

    monkeypatch.setattr(worker, "claim", claim_once)
    assert send_now(now) == 0
    assert (smtp.taken, Chunk.objects.values_list("state", "holder").get()) == ([], ("leased", ""))
    later = now() + timedelta(seconds=settings.LEASE_SECONDS + 1)
    assert send_now(lambda: later) == 1
    assert len(smtp.taken) == 3
    assert finished(dispatch)
