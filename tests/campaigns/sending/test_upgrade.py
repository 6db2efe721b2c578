"""An upgrade in mid-send: tables grow while old workers work, new ones join, old ones are stopped. All mails once."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, models
from django.db.migrations.operations import AddField
from django.db.migrations.state import ProjectState

from campaigns.sending.models import Chunk, Dispatch, Message
from contacts.consent.models import Decision
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.killing import finished, launched, prove, start_worker, wait_for
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 1_000
GROWING = (Chunk, Message, Dispatch)  # the busiest tables of a send


def expand() -> None:
    """Apply a migration of the first kind (docs/operations.md): columns that old code does not know."""
    from django.apps import apps

    before = ProjectState.from_apps(apps)
    for model in GROWING:
        operation = AddField(model._meta.model_name, "of_new_code", models.IntegerField(null=True, db_default=7))
        after = before.clone()
        operation.state_forwards("campaigns", after)
        with connection.schema_editor() as editor:
            editor.execute("SET LOCAL lock_timeout = '5s'")
            operation.database_forwards("campaigns", editor, before, after)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Give the tables back as they were."""
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for model in GROWING:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP COLUMN IF EXISTS of_new_code")


def test_migration_while_old_and_new_workers_send_loses_nothing(smtp: SmtpServer, tmp_path: Path) -> None:
    people = make_people(PEOPLE)
    decide(people, Decision.GRANTED)
    upgraded = threading.Event()
    # Slow until the upgrade is over: the send must outlast it on any machine.
    smtp.on_body = lambda recipient, data: (time.sleep(0.001 if upgraded.is_set() else 0.02), OK)[1]
    dispatch = launched(make_campaign(people))
    journal = tmp_path / "journal"
    with undone():
        old = start_worker(smtp, journal, until_idle=False)
        assert wait_for(lambda: len(smtp.taken) >= PEOPLE // 10), "the old worker did not send"
        expand()
        at_migration = len(smtp.taken)
        assert at_migration < PEOPLE, "the send was over before the migration"
        assert wait_for(lambda: len(smtp.taken) > at_migration), "the old worker did not go on after the migration"
        new = start_worker(smtp, journal)
        old.terminate()
        assert old.wait(30) == 0
        upgraded.set()
        assert new.wait(60) == 0
        assert finished(dispatch)
        assert Chunk.objects.filter(dispatch=dispatch).exists()
        prove(smtp, dispatch, 0, 0)
