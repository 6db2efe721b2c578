"""The send queue from launch to outcome, against a real SMTP server."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core import mail

from campaigns.campaign import control, freeze, launch
from campaigns.campaign.errors import WrongState
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.models import (
    ContactSendState,
    Dispatch,
    DispatchState,
    DomainPace,
    FrequencyCap,
    MailerState,
    Message,
    Retry,
)
from campaigns.sending.transactional import send_one
from campaigns.sending.worker import Worker, send_now
from campaigns.templating.models import MailKind
from contacts.consent.models import Decision, Purpose
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people, make_sender, make_template
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


def test_child_whose_guardian_takes_it_back_is_passed_over_in_mid_campaign(smtp: SmtpServer) -> None:
    people = make_people(3)
    Contact.objects.filter(pk__in=[person.pk for person in people[1:]]).update(under_14=True)
    decide(people, Decision.GRANTED)
    decide(people[1:], Decision.GRANTED, Purpose.GUARDIAN)
    dispatch = launched(make_campaign(people))
    assert dispatch.size == 3
    decide(people[2:], Decision.WITHDRAWN, Purpose.GUARDIAN, at=now())
    send_now(now)
    assert {taken.recipient for taken in smtp.taken} == {person.email for person in people[:2]}
    [skipped] = Event.objects.filter(kind__key="mail.skipped")
    assert (skipped.contact_id, skipped.properties["reason"]) == (people[2].pk, "no_guardian")


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


def test_policy_refusal_pauses_with_the_reason_and_resumes_where_it_stopped(smtp: SmtpServer) -> None:
    people = make_people(200)
    decide(people, Decision.GRANTED)
    smtp.on_body = lambda recipient, data: "550 5.7.1 blocked: spam" if len(smtp.taken) >= 40 else OK
    campaign = make_campaign(people)
    dispatch = launched(campaign)
    send_now(now)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert campaign.state_reason == "550 5.7.1 blocked: spam"
    counted = events(dispatch)
    assert counted["mail.sent"] == 40
    assert 1 <= counted["mail.rejected"] <= 3 * 2  # what two connections had taken up already
    send_now(now)
    assert events(dispatch) == counted
    smtp.on_body = lambda recipient, data: OK
    control.resume(campaign.pk)
    send_now(now)
    assert events(dispatch)["mail.sent"] == 200
    assert len({taken.message_id for taken in smtp.taken}) == len(smtp.taken) == 200


def test_refused_addresses_bounce_and_others_go_on(smtp: SmtpServer) -> None:
    people = make_people(60)
    decide(people, Decision.GRANTED)
    FrequencyCap.objects.create(sends=1, days=7)
    bad = {people[7].email, people[8].email, people[59].email}
    smtp.on_rcpt = lambda recipient: "550 5.1.1 no such user" if recipient in bad else OK
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.sent": 57, "mail.bounced_hard": 3}
    assert {taken.recipient for taken in smtp.taken} == {person.email for person in people} - bad
    held = ContactSendState.objects.exclude(message_ids=[]).values_list("contact_id", flat=True)
    assert set(held) == {person.pk for person in people if person.email not in bad}


def test_broken_connection_leaves_one_in_doubt_and_sends_it_once_more(smtp: SmtpServer) -> None:
    people = make_people(30)
    decide(people, Decision.GRANTED)
    broken: list[str] = []

    def on_body(recipient: str, data: bytes) -> str:
        if len(smtp.taken) == 10 and not broken:
            broken.append(recipient)
            return ""  # taken, but the answer never comes
        return OK

    smtp.on_body = on_body
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.sent": 29, "mail.uncertain": 1}
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.SENDING
    send_now(lambda: now() + timedelta(seconds=10))
    assert events(dispatch) == {"mail.sent": 30, "mail.uncertain": 1}
    arrived = Counter(taken.message_id for taken in smtp.taken)
    assert sorted(arrived.values())[-2:] == [1, 2]
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.FINISHED


def test_held_mail_in_doubt_is_not_sent_again(smtp: SmtpServer) -> None:
    person = make_people(1)[0]
    smtp.on_body = lambda recipient, data: ""
    template = make_template(MailKind.INFORMATIONAL)
    message = send_one(template.versions.get(), make_sender(), person, now=now())
    send_now(now)
    send_now(lambda: now() + timedelta(hours=2))
    assert events(message.dispatch) == {"mail.uncertain": 1}
    assert len(smtp.taken) == 1
    assert b"(\xea" not in smtp.taken[0].data
    assert b"List-Unsubscribe" not in smtp.taken[0].data
    assert b"Auto-Submitted: auto-generated" in smtp.taken[0].data
    message.dispatch.refresh_from_db()
    assert message.dispatch.state == DispatchState.FINISHED


def test_withdrawal_in_mid_campaign_counts_at_once(smtp: SmtpServer) -> None:
    people = make_people(2_500)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    last = Message.objects.filter(dispatch=dispatch).order_by("-ordinal")[:10]
    leaving = [Contact.objects.get(pk=message.contact_id) for message in last]
    with Worker(now) as worker:
        worker.work(lambda: len(smtp.taken) >= 1_000)
        assert len(smtp.taken) < 2_490
        decide(leaving, Decision.WITHDRAWN, at=now())
        worker.work()
    assert events(dispatch) == {"mail.sent": 2_490, "mail.skipped": 10}
    assert not {person.email for person in leaving} & {taken.recipient for taken in smtp.taken}


def test_cancel_ends_it_and_pause_holds_it(smtp: SmtpServer) -> None:
    people = make_people(2_500)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    dispatch = launched(campaign)
    with Worker(now) as worker:
        worker.work(lambda: len(smtp.taken) >= 1_000)
        control.pause(campaign.pk)
        sent = len(smtp.taken)
        assert worker.work() == 0
        control.resume(campaign.pk)
        worker.work(lambda: len(smtp.taken) > sent)
        control.cancel(campaign.pk, now())
        sent = len(smtp.taken)
        assert worker.work() == 0
    assert len(smtp.taken) == sent < 2_500
    assert events(dispatch) == {"mail.sent": sent}
    with pytest.raises(WrongState):
        control.resume(campaign.pk)


def test_closed_server_opens_the_breaker_and_loses_nothing(smtp: SmtpServer, settings) -> None:
    people = make_people(20)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    working = settings.MAILERS
    settings.MAILERS = {"default": {**working["default"], "OPTIONS": {"host": "127.0.0.1", "port": 1}}}
    send_now(now)
    assert events(dispatch) == {}
    state = MailerState.objects.get()
    assert (state.alias, state.failures) == ("default", 1)
    assert "127.0.0.1:1" in state.reason
    settings.MAILERS = working
    assert send_now(now) == 0  # the breaker is open
    send_now(lambda: now() + timedelta(seconds=5))
    assert events(dispatch) == {"mail.sent": 20}


@pytest.mark.parametrize("pipelining", [True, False])
def test_server_without_pipelining_gets_the_same_mails(smtp: SmtpServer, pipelining: bool) -> None:
    smtp.pipelining = pipelining
    people = make_people(25)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.sent": 25}
    assert len({taken.message_id for taken in smtp.taken}) == 25


def test_any_back_end_of_django_gets_ordinary_messages(settings, tmp_path) -> None:
    settings.JOURNAL_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    mail.outbox = []
    people = make_people(3)
    decide(people, Decision.GRANTED)
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.sent": 3}
    assert sorted(message.to[0] for message in mail.outbox) == [person.email for person in people]
    (message,) = [message for message in mail.outbox if message.to == [people[1].email]]
    assert message.subject == "(광고) 김철수1님, 새 소식"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "김철수1" in message.alternatives[0].content


def test_domain_that_takes_a_mail_again_goes_at_full_pace(smtp: SmtpServer) -> None:
    people = make_people(2)
    decide(people, Decision.GRANTED)
    for domain in ("example.com", "other.example"):
        DomainPace.objects.create(mailer="default", domain=domain, failures=2, until=now() - timedelta(seconds=1))
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert events(dispatch) == {"mail.sent": 2}
    assert DomainPace.objects.values_list("domain", flat=True).get() == "other.example"


def test_domain_that_put_us_off_gets_nothing_before_its_time(smtp: SmtpServer) -> None:
    people = make_people(2)
    decide(people, Decision.GRANTED)
    until = now() + timedelta(minutes=5)
    DomainPace.objects.create(mailer="default", domain="example.com", failures=2, until=until)
    dispatch = launched(make_campaign(people))
    send_now(now)
    assert smtp.taken == []
    assert events(dispatch) == {}
    assert set(Retry.objects.values_list("due_at", flat=True)) == {until}
    assert DomainPace.objects.values_list("domain", "until").get() == ("example.com", until)
