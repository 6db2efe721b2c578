"""The send queue from launch to outcome, against a real SMTP server."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from campaigns.campaign import freeze, launch
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.models import Dispatch, DispatchState, Message, Retry
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision, Purpose
from contacts.ledger.models import Event
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db


def events(dispatch: Dispatch) -> Counter[str]:
    """Count the dispatch's events by kind."""
    rows = Event.objects.filter(subject__type="dispatch", subject__key=str(dispatch.pk))
    return Counter(rows.values_list("kind__key", flat=True))


def launched(campaign: Campaign) -> Dispatch:
    """Launch and freeze."""
    dispatch = launch.launch(campaign.pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    dispatch.refresh_from_db()
    return dispatch


def test_launched_campaign_reaches_everybody_with_consent(smtp: SmtpServer) -> None:
    people = make_people(120)
    decide(people[:100], Decision.GRANTED)
    decide(people[100:110], Decision.WITHDRAWN)
    decide(people[:50], Decision.GRANTED, Purpose.TRACKING)
    campaign = make_campaign(people, link_parameters={"utm_source": "wayfare"})
    dispatch = launched(campaign)
    assert dispatch.size == 100
    send_now(now)
    assert {taken.recipient for taken in smtp.taken} == {person.email for person in people[:100]}
    assert len(smtp.taken) == 100
    assert events(dispatch) == {"mail.sent": 100}
    dispatch.refresh_from_db()
    campaign.refresh_from_db()
    assert (dispatch.state, campaign.state) == (DispatchState.FINISHED, CampaignState.FINISHED)
    reasons = Message.objects.exclude(left_out="").values_list("left_out", flat=True)
    assert Counter(reasons) == {"withdrawn": 10, "no_consent": 10}
    tracked = next(taken for taken in smtp.taken if taken.recipient == people[0].email)
    plain = next(taken for taken in smtp.taken if taken.recipient == people[99].email)
    first, last = (message_from_bytes(taken.data, policy=default) for taken in (tracked, plain))
    assert first["Subject"] == "(광고) 김철수0님, 새 소식"
    assert first["From"] == "웨이페어 <hello@wayfare.example>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html, bare = (mail.get_body(("html",)).get_content() for mail in (first, last))
    assert "/t/c/" in html
    assert "/t/o/" in html
    assert "/t/" not in bare
    assert "https://example.com/go?utm_source=wayfare" in bare
    assert "utm_source" not in html


def test_message_id_is_the_same_for_every_try(smtp: SmtpServer) -> None:
    people = make_people(1)
    decide(people, Decision.GRANTED)
    seen: list[bytes] = []
    smtp.on_body = lambda recipient, data: (seen.append(data), "451 4.7.1 later" if len(seen) == 1 else OK)[1]
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.deferred": 1}
    retry = Retry.objects.get()
    assert retry.tries == 1
    assert timedelta(0) < retry.due_at - now() < timedelta(seconds=2)
    later = lambda: now() + timedelta(seconds=5)  # noqa: E731
    send_now(later)
    assert events(dispatch) == {"mail.deferred": 1, "mail.sent": 1}
    ids = [next(line for line in data.splitlines() if line.startswith(b"Message-ID")) for data in seen]
    assert ids[0] == ids[1]
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.FINISHED
    assert not Retry.objects.exists()
