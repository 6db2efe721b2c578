"""For how many people openings and clicks of a dispatch can be counted."""

from datetime import timedelta

import pytest

from campaigns.campaign import freeze, launch
from campaigns.sending import dispatches, trackable
from campaigns.sending.models import Dispatch
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision, Purpose
from contacts.consent.record import Proof, record
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db


def say(person, decision: Decision) -> None:
    record(person.pk, "tracking", "email", decision, at=now(), proof=Proof("test"), now=now())


def test_what_people_said_when_their_mail_left_counts(smtp: SmtpServer) -> None:
    people = make_people(8)
    decide(people[:7], Decision.GRANTED)
    decide(people[:4], Decision.GRANTED, Purpose.TRACKING)
    smtp.on_rcpt = lambda to: "550 5.1.1 unknown" if to == people[0].email else OK
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    assert trackable.counted(dispatch) == 0
    send_now(now)
    dispatch = Dispatch.objects.get(pk=dispatch.pk)
    pixels = sum(b"/t/o/" in taken.data.replace(b"=\r\n", b"") for taken in smtp.taken)
    assert trackable.counted(dispatch) == pixels == 3
    say(people[1], Decision.WITHDRAWN)
    say(people[6], Decision.GRANTED)
    assert trackable.counted(dispatch) == 3
    assert trackable.store() == [dispatch.pk]
    assert trackable.store() == []
    assert Dispatch.objects.get(pk=dispatch.pk).trackable == 3


def test_open_dispatch_is_counted_anew_and_so_is_one_that_goes_on(smtp: SmtpServer) -> None:
    people = make_people(2)
    decide(people, Decision.GRANTED)
    decide(people, Decision.GRANTED, Purpose.TRACKING)
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    assert trackable.store() == []
    send_now(lambda: now() + timedelta(seconds=1))
    assert trackable.store() == [dispatch.pk]
    assert dispatches.reopen(dispatch.pk)
    assert Dispatch.objects.get(pk=dispatch.pk).trackable is None
