"""Notices of consent: told once, of the last word alone, never to who is left out; reminders every second year."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import connection

from campaigns.notices import follower, reminders
from campaigns.notices.models import ConsentNotice, NoticeKind, NoticeSettings
from campaigns.notices.sending import send_due
from campaigns.notices.wording import ensure_mail
from campaigns.sending.models import Dispatch, Doubt, Message
from campaigns.sending.worker import send_now
from campaigns.templating import versions
from campaigns.templating.checks import checks
from campaigns.templating.models import MailTemplate
from contacts.consent.models import ConsentState, Decision, SuppressionReason
from contacts.consent.record import Proof, record
from contacts.consent.suppress import Mailbox, suppress
from contacts.identity.merge import merge
from contacts.ledger.follow import catch_up
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.kit.work import WorkState
from tests.campaigns.conftest import NOW, decide, make_people, make_sender
from tests.campaigns.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def wanted() -> NoticeSettings:
    return NoticeSettings.objects.create(
        results=True,
        reminders=True,
        sender=make_sender(),
        result_template=ensure_mail(NoticeKind.RESULT, NOW),
        reminder_template=ensure_mail(NoticeKind.REMINDER, NOW),
    )


def say(
    person: Contact, decision: str, at: datetime = NOW, source: str = "preference page", purpose: str = "marketing"
) -> None:
    record(person.pk, purpose, "email", decision, at=at, proof=Proof(source), now=at)


def told(now: datetime = NOW + 11 * MINUTE) -> int:
    catch_up(now)
    return send_due(lambda: now)


def states() -> list[str]:
    return list(ConsentNotice.objects.order_by("pk").values_list("state", flat=True))


def test_result_is_told_once_and_says_who_what_and_when(wanted: NoticeSettings, smtp: SmtpServer) -> None:
    agreed, refused = make_people(2)
    english = make_people(1, prefix="e", language="en")[0]
    say(agreed, "granted")
    say(refused, "withdrawn")
    say(english, "granted")
    say(agreed, "granted", purpose="tracking")
    assert told(NOW + 9 * MINUTE) == 0
    assert [told(), told(), told(NOW + DAY)] == [3, 0, 0]
    send_now(lambda: NOW + 11 * MINUTE)
    mails = {mail.recipient: message_from_bytes(mail.data, policy=default) for mail in smtp.taken}
    assert {email: mail["Subject"] for email, mail in mails.items()} == {
        agreed.email: "광고성 정보 수신 동의 처리 결과 안내",
        refused.email: "광고성 정보 수신 거부 처리 결과 안내",
        english.email: "You agreed to our marketing mails",
    }
    text = mails[refused.email].get_body(("plain",)).get_content()
    for words in (refused.email, "Wayfare Co.", "이메일 광고성 정보 수신 거부", "2026. 11. 21. (토) 12:00", "/p/"):
        assert words in text
    assert len(smtp.taken) == 3
    dispatch = Dispatch.objects.get()
    assert (dispatch.kind, dispatch.doubt, dispatch.campaign) == ("informational", Doubt.HOLD, None)
    assert Event.objects.filter(kind__key="mail.sent", subject__key=str(dispatch.pk)).count() == 3
    assert set(ConsentNotice.objects.values_list("message_id", flat=True)) == set(
        Message.objects.values_list("pk", flat=True)
    )


def test_last_word_alone_is_told(wanted: NoticeSettings) -> None:
    [person] = make_people(1)
    say(person, "withdrawn")
    say(person, "granted", NOW + 2 * MINUTE)
    assert told(NOW + 11 * MINUTE) == 0
    assert told(NOW + 13 * MINUTE) == 1
    assert states() == [WorkState.CANCELLED, WorkState.DONE]
    say(person, "withdrawn", NOW + DAY)
    assert told(NOW + 2 * DAY) == 1


@pytest.mark.parametrize("source", follower.NOT_SAID_HERE)
def test_what_was_said_elsewhere_is_not_told(wanted: NoticeSettings, source: str) -> None:
    say(make_people(1)[0], "granted", source=source)
    assert (told(), states()) == (0, [])


def test_nothing_is_told_while_it_is_switched_off_or_too_late(wanted: NoticeSettings) -> None:
    first, second, third = make_people(3)
    say(first, "granted", NOW - 15 * DAY)
    catch_up(NOW)
    NoticeSettings.objects.update(results=False)
    say(second, "granted")
    assert (told(), states()) == (0, [])
    NoticeSettings.objects.update(results=True)
    say(third, "granted")
    catch_up(NOW)
    NoticeSettings.objects.update(results=False)
    assert (told(), states()) == (0, [WorkState.CANCELLED])
    assert not Dispatch.objects.exists()


def test_excluded_erased_and_merged_people(wanted: NoticeSettings) -> None:
    excluded, erased, winner, loser = make_people(4)
    for person in (excluded, erased, loser):
        say(person, "withdrawn")
    suppress([Mailbox(excluded.email_key, SuppressionReason.COMPLAINT, NOW)])
    ConsentState.objects.filter(contact=erased).delete()
    erased.delete()
    merge(winner.pk, loser.pk, by=None, now=NOW + MINUTE)
    assert told() == 1
    assert list(Message.objects.values_list("contact_id", flat=True)) == [winner.pk]
    assert states() == [WorkState.CANCELLED, WorkState.CANCELLED, WorkState.DONE]


def test_notice_waits_until_a_person_mends_the_sender(wanted: NoticeSettings) -> None:
    say(make_people(1)[0], "granted")
    wanted.sender.verified_at = None
    wanted.sender.save()
    assert (told(), states()) == (0, [WorkState.READY])
    assert "is not confirmed" in ConsentNotice.objects.get().last_error
    wanted.sender.verified_at = NOW
    wanted.sender.save()
    assert told(NOW + DAY) == 1


def test_mail_made_advertising_is_not_sent(wanted: NoticeSettings) -> None:
    say(make_people(1)[0], "granted")
    MailTemplate.objects.filter(pk=wanted.result_template_id).update(kind="advertising")
    versions.make_version(MailTemplate.objects.get(pk=wanted.result_template_id), by=None, now=NOW)
    assert (told(), Dispatch.objects.count()) == (0, 0)
    assert "no longer an informational one" in ConsentNotice.objects.get().last_error


def test_statement_that_is_followed_twice_is_told_once(wanted: NoticeSettings) -> None:
    say(make_people(1)[0], "granted")
    catch_up(NOW)
    with connection.cursor() as cursor:
        cursor.execute(follower._NOTE.format(rows="event"), [10, [], NOW - DAY])
        assert cursor.rowcount == 0
    assert (told(), Dispatch.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("since", "at", "due"),
    [
        (datetime(2024, 12, 20, tzinfo=UTC), NOW, [(1, datetime(2026, 11, 20, tzinfo=UTC))]),
        (datetime(2024, 12, 22, tzinfo=UTC), NOW, []),  # 31 days ahead
        (datetime(2024, 11, 20, tzinfo=UTC), NOW, []),  # the second year has ended
        (datetime(2022, 12, 1, tzinfo=UTC), NOW, [(2, datetime(2026, 11, 1, tzinfo=UTC))]),
        (datetime(2023, 12, 1, tzinfo=UTC), NOW, []),  # in its third year
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), [(1, datetime(2026, 1, 29, tzinfo=UTC))]),
    ],
)
def test_reminder_is_due_before_each_second_year_ends(
    wanted: NoticeSettings, since: datetime, at: datetime, due: list[tuple[int, datetime]]
) -> None:
    agreed, refused = make_people(2)
    decide([agreed], Decision.GRANTED, at=since)
    decide([refused], Decision.WITHDRAWN, at=since)
    assert [reminders.plan(at), reminders.plan(at + MINUTE)] == [len(due), 0]
    assert list(ConsentNotice.objects.values_list("round", "due_at")) == due


def test_reminder_is_sent_once_and_to_who_still_agrees(wanted: NoticeSettings, smtp: SmtpServer) -> None:
    since = datetime(2024, 12, 10, tzinfo=UTC)
    stays, leaves = make_people(2)
    decide([stays, leaves], Decision.GRANTED, at=since)
    assert reminders.plan(NOW) == 2
    say(leaves, "withdrawn", NOW, source="import")
    assert [told(NOW), told(NOW + DAY)] == [1, 0]
    send_now(lambda: NOW + DAY)
    [taken] = smtp.taken
    mail = message_from_bytes(taken.data, policy=default)
    assert (taken.recipient, mail["Subject"]) == (stays.email, "광고성 정보 수신 동의 확인 안내")
    assert "2024. 12. 10." in mail.get_body(("plain",)).get_content()
    assert sorted(states()) == [WorkState.CANCELLED, WorkState.DONE]


def test_no_reminder_while_they_are_switched_off(wanted: NoticeSettings) -> None:
    decide(make_people(1), Decision.GRANTED, at=datetime(2024, 12, 10, tzinfo=UTC))
    NoticeSettings.objects.update(reminders=False)
    assert (reminders.plan(NOW), states()) == (0, [])


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_ready_made_mails_are_made_once_and_have_no_fault(kind: NoticeKind) -> None:
    template = ensure_mail(kind, NOW)
    assert ensure_mail(kind, NOW) == template
    assert (template.kind, MailTemplate.objects.count()) == ("informational", 1)
    assert [finding for finding in checks(template.versions.get()) if finding.severity != "note"] == []
