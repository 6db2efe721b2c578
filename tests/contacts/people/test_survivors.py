"""A word about a person who is merged in that very moment: it waits for the merge and is kept at who lives on."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from contacts.consent.models import ConsentEntry, ConsentState
from contacts.consent.record import Proof, record
from contacts.identity.merge import merge
from contacts.people.models import Contact
from contacts.topics import said
from contacts.topics.models import Topic, TopicEntry, TopicState
from tests.processes import soon

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


def test_words_said_while_two_are_merged_follow_to_the_one_who_lives_on():
    winner, loser = (Contact.objects.create(email=f"{n}@example.com", email_key=n * 8, name=n) for n in ("ann", "bob"))
    topics = [Topic.objects.create(name=name) for name in ("Events", "Offers")]
    at = {"at": NOW, "proof": Proof(source="phone"), "now": NOW}
    words = [
        lambda: record(loser.pk, "marketing", "email", "withdrawn", **at),
        lambda: said.record([loser.pk], {topics[0].pk: False}, **at),
        lambda: said.choose(loser.pk, {topics[1].pk: False}, **at),
    ]

    def speak(word):
        try:
            word()
        finally:
            connection.close()

    threads = [threading.Thread(target=speak, args=[word]) for word in words]
    with transaction.atomic():
        merge(winner.pk, loser.pk, by=None, now=NOW)
        for thread in threads:
            thread.start()
        assert soon(lambda: _waiting() == len(words))
    for thread in threads:
        thread.join()

    for model, many in ((ConsentEntry, 1), (ConsentState, 1), (TopicEntry, 2), (TopicState, 2)):
        assert list(model.objects.values_list("contact", flat=True)) == [winner.pk] * many


def _waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0]
