"""Two workers on two connections and a cap of 1: one mail."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from campaigns.sending import reservations
from campaigns.sending.models import ContactSendState, FrequencyCap
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision
from contacts.ledger.models import Event
from crm.kit.clock import now
from tests.campaigns.conftest import NOW, decide, make_campaign, make_people
from tests.campaigns.killing import launched
from tests.campaigns.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_and_a_cap_of_one_send_one(smtp: SmtpServer) -> None:
    people = make_people(150)
    decide(people, Decision.GRANTED)
    FrequencyCap.objects.create(sends=1, days=7)
    dispatches = [launched(make_campaign(people)) for _ in range(2)]
    start = threading.Barrier(2)

    def work(dispatch_id: int) -> None:
        try:
            start.wait()
            send_now(now, dispatch_id=dispatch_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[dispatch.pk]) for dispatch in dispatches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken.recipient for taken in smtp.taken) == {person.email: 1 for person in people}
    kinds = Counter(Event.objects.filter(kind__key__startswith="mail.").values_list("kind__key", flat=True))
    assert kinds == {"mail.sent": 150, "mail.skipped": 150}


def test_a_reservation_is_kept_for_its_own_message_and_given_back() -> None:
    limit = FrequencyCap.objects.create(sends=1, days=7)
    assert reservations.reserve([(1, 10), (2, 20)], limit, NOW) == {10, 20}
    assert reservations.reserve([(1, 10), (1, 11), (2, 21)], limit, NOW) == {10}
    reservations.release([(1, 10)])
    assert reservations.reserve([(1, 11)], limit, NOW) == {11}


def test_a_send_that_has_left_the_window_is_forgotten_and_gives_its_place() -> None:
    limit = FrequencyCap.objects.create(sends=2, days=7)
    for day, message in ((0, 10), (3, 11)):
        assert reservations.reserve([(1, message)], limit, NOW + timedelta(days=day)) == {message}
    assert reservations.reserve([(1, 12)], limit, NOW + timedelta(days=6)) == set()
    assert reservations.reserve([(1, 12)], limit, NOW + timedelta(days=8)) == {12}
    row = ContactSendState.objects.get(pk=1)
    assert (row.message_ids, row.times) == ([11, 12], [NOW + timedelta(days=3), NOW + timedelta(days=8)])
    assert reservations.reserve([(1, 11)], limit, NOW + timedelta(days=9)) == {11}  # its own place, at the new time
    row.refresh_from_db()
    assert (row.message_ids, row.times) == ([12, 11], [NOW + timedelta(days=8), NOW + timedelta(days=9)])
