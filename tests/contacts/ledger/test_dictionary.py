"""Numbers of kinds and subjects: what a process remembers must outlive a crash of PostgreSQL."""

import pytest
from django.db import connection, transaction

from contacts.ledger.dictionary import _Memory, kind_ids, subject_ids

pytestmark = pytest.mark.django_db


def commit_is() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.fixture
def hasty():
    """A session that commits without waiting for the disk, as senders and followers do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def test_new_subject_is_committed_for_good(hasty):
    subject_ids([("dispatch", "of a crash")])
    assert commit_is() == "on"


def test_new_kind_is_committed_for_good(hasty, monkeypatch):
    monkeypatch.setattr("contacts.ledger.dictionary._Memories.kinds", _Memory())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_kind WHERE key = 'cart.updated'")
    kind_ids(["cart.updated"])
    assert commit_is() == "on"


def test_known_names_leave_the_session_as_it_was(db):
    subject_ids([("dispatch", "known")])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        subject_ids([("dispatch", "known")])
        assert commit_is() == "off"
