"""Stored posts become events of ours: each once, whatever the provider, the order, and how early it came."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.mailers.django_backend import as_django
from campaigns.mailers.protocol import Ready
from campaigns.models import Dispatch, Message, WebhookReceipt
from campaigns.sending.states import MessageState, message_state
from campaigns.tracking.tokens import mail_token
from campaigns.webhooks.receipts import keep, work_off
from contacts.consent.models import ConsentState, Suppression
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.models import Event
from contacts.people.address import email_key
from contacts.people.models import Contact

from .conftest import mailgun, mandrill, new_mail, post
from .test_views import FORM

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def told(mail):
    rows = Event.objects.filter(contact_id=mail.person.pk).order_by("id").select_related("kind")
    return [(row.kind.key, row.properties) for row in rows]


def kinds(mail):
    return [kind for kind, _ in told(mail)]


def work(now=None):
    return work_off(lambda: now or datetime.now(UTC) + timedelta(seconds=1))


def postmark(mail, record, **data):
    return {"RecordType": record, "MessageID": "their-own", "Metadata": {"message": mail.token}, **data}


def sendgrid(mail, event, **data):
    return {"event": event, "message": mail.token, "timestamp": 1780000000, "sg_event_id": event, **data}


def brevo(mail, event, **data):
    return {"event": event, "message-id": mail.message_id, "ts_epoch": 1780000000000, **data}


def test_each_provider_is_read_in_our_words(mail):
    link = mail.dispatch.links.get(number=1).url
    posts = [
        ("postmark", postmark(mail, "Delivery", DeliveredAt="2026-05-28T20:00:00Z"), "mail.delivered"),
        ("sendgrid", [sendgrid(mail, "deferred", response="450 4.2.1 slow down")], "mail.deferred"),
        ("mailgun", mailgun(mail, "failed", severity="temporary"), "mail.deferred"),
        ("brevo", brevo(mail, "soft_bounce", reason="552 5.2.2 mailbox full"), "mail.bounced_soft"),
        ("postmark", postmark(mail, "Bounce", Type="HardBounce", ID=1, Details="unknown reason"), "mail.bounced_hard"),
        ("sendgrid", [sendgrid(mail, "bounce", reason="550 5.1.1 no such user", status="5.1.1")], "mail.bounced_hard"),
        ("sendgrid", [sendgrid(mail, "bounce", reason="550 5.7.1 spam", timestamp=1780000001)], "mail.rejected"),
        ("sendgrid", [sendgrid(mail, "dropped", reason="Bounced Address")], "mail.bounced_hard"),
        ("sendgrid", [sendgrid(mail, "dropped", reason="something", timestamp=1780000002)], "mail.failed"),
        ("brevo", brevo(mail, "spam"), "mail.complained"),
        ("mailgun", mailgun(mail, "opened", **{"client-info": {"user-agent": "Mail/1"}}), "hit.opened"),
        ("sendgrid", [sendgrid(mail, "click", url=link, useragent="Mozilla/5.0")], "hit.clicked"),
    ]
    for provider, body, _ in posts:
        assert post(provider, body).status_code == 200
    bounce = {"event": "hard_bounce", "ts": 1780000003, "msg": {"metadata": {"message": mail.token}}}
    assert post("mandrill", *mandrill([bounce]), FORM).status_code == 200

    work()

    assert kinds(mail) == [kind for _, _, kind in posts] + ["mail.bounced_hard"]
    assert set(WebhookReceipt.objects.values_list("state", flat=True)) == {"done"}
    facts = dict(told(mail))
    seen = {"message": mail.message.pk, "provider": "sendgrid"}
    assert facts["hit.clicked"] == {**seen, "agent": "Mozilla/5.0", "link": 1, "links": 2}
    assert facts["mail.rejected"] == {**seen, "reason": "550 5.7.1 spam"}


def test_same_event_in_other_posts_is_counted_once(mail):
    for attempt in ("t1", "t2", "t3"):
        post("mailgun", mailgun(mail, "delivered", token=attempt))
    post("sendgrid", [sendgrid(mail, "open"), sendgrid(mail, "open")])

    work()

    assert WebhookReceipt.objects.count() == 4
    assert kinds(mail) == ["mail.delivered", "hit.opened"]


def test_news_that_mean_nothing_and_mails_of_others_are_done_with(mail):
    post("sendgrid", [sendgrid(mail, "processed"), {"event": "delivered", "timestamp": 1780000000, "smtp-id": "<a@b>"}])
    post("postmark", {"RecordType": "SomethingNew"})

    work()

    assert (kinds(mail), set(WebhookReceipt.objects.values_list("state", flat=True))) == ([], {"done"})


def test_event_of_a_mail_not_known_yet_is_parked_then_folded(mail):
    number = mail.message.pk + 1000
    early = mail_token(mail.dispatch.pk, number, mail.person.pk)
    post("sendgrid", [sendgrid(mail, "open"), {**sendgrid(mail, "delivered"), "message": early}])

    work()
    receipt = WebhookReceipt.objects.get()
    assert (receipt.state, receipt.last_error) == ("ready", "1 of 2 events are of mails not known yet")
    assert kinds(mail) == ["hit.opened"]
    assert work(receipt.due_at - timedelta(seconds=1)) == 0

    Message.objects.create(pk=number, dispatch=mail.dispatch, contact_id=mail.person.pk, ordinal=77, occurrence=1)
    work(receipt.due_at)

    receipt.refresh_from_db()
    assert (receipt.state, kinds(mail)) == ("done", ["hit.opened", "mail.delivered"])


def test_body_that_cannot_be_read_is_set_aside_with_its_reason(mail, caplog):
    keep("postmark", b"no json", "application/json", NOW)
    keep("postmark", b'{"RecordType": "Delivery"}', "application/json", NOW)

    for _ in range(WebhookReceipt.max_attempts):
        WebhookReceipt.objects.filter(state="ready").update(due_at=NOW)
        work()

    broken, fine = WebhookReceipt.objects.order_by("id")
    assert (broken.state, fine.state) == ("failed", "done")
    assert "JSONDecodeError" in broken.last_error


def test_opt_out_at_the_provider_is_an_opt_out_here(mail):
    for attempt in ("t1", "t2"):
        post("mailgun", mailgun(mail, "unsubscribed", token=attempt))

    work()

    assert ConsentState.objects.get(contact=mail.person).decision == "withdrawn"
    assert kinds(mail) == ["consent.withdrawn", "mail.unsubscribed"]


def test_policy_refusal_pauses_the_campaign_with_the_reason(mail):
    post("sendgrid", [sendgrid(mail, "bounce", reason="550 5.7.26 unauthenticated")])

    work()

    dispatch = Dispatch.objects.get(pk=mail.dispatch.pk)
    assert (dispatch.state, dispatch.state_reason) == ("paused", "550 5.7.26 unauthenticated")
    assert not Suppression.objects.exists()


def sent(mail, count, now):
    """Put `count` mails on record as sent."""
    subject = ("dispatch", str(mail.dispatch.pk))
    append([NewEvent(10_000 + number, "mail.sent", now, subject) for number in range(count)], source="test", now=now)


@pytest.mark.parametrize(("people", "state"), [(1001, "sending"), (1000, "paused")])
def test_complaints_above_three_in_a_thousand_pause(mail, people, state):
    sent(mail, people, NOW)
    catch_up(NOW)
    mails = [mail, *(new_mail(mail.dispatch, f"p{number}@example.com") for number in (1, 2))]
    post("sendgrid", [sendgrid(one, "spamreport") for one in mails])

    work()

    assert Dispatch.objects.get(pk=mail.dispatch.pk).state == state


def test_hard_bounce_and_complaint_leave_the_mailbox_out(mail):
    other = new_mail(mail.dispatch, "jiwoo@hanmail.net")
    post("sendgrid", [sendgrid(mail, "bounce", reason="550 5.1.1 no such user")])
    post("brevo", brevo(other, "complaint"))
    work()

    catch_up(datetime.now(UTC))

    rows = Suppression.objects.values_list("email_key", "reason", "detail")
    assert set(rows) == {
        (email_key("minsu@example.com"), "hard_bounce", "550 5.1.1 no such user"),
        (email_key("jiwoo@daum.net"), "complaint", "spam"),
    }


def soft(mail, number, at):
    properties = {"message": mail.message.pk + number, "reason": "full"}
    Message.objects.get_or_create(
        pk=mail.message.pk + number,
        defaults={"dispatch": mail.dispatch, "contact_id": mail.person.pk, "occurrence": number, "ordinal": 50 + number,
                  "email": mail.message.email},
    )  # fmt: skip
    append([NewEvent(mail.person.pk, "mail.bounced_soft", at, properties=properties)], source="test", now=at)


def test_soft_bounces_in_a_row_leave_out_and_an_arrival_starts_anew(mail, settings):
    settings.SOFT_BOUNCES = 3
    for number in (1, 2, 2):
        soft(mail, number, NOW)
    append([NewEvent(mail.person.pk, "mail.delivered", NOW)], source="test", now=NOW)
    for number in (3, 4):
        soft(mail, number, NOW)
    catch_up(NOW)
    assert not Suppression.objects.exists()

    soft(mail, 5, NOW)
    catch_up(NOW)

    assert Suppression.objects.get().email_key == mail.person.email_key


def test_720_orders_of_the_same_events_fold_to_one_state(mail):
    bodies = [
        sendgrid(mail, "deferred", timestamp=1780000001),
        sendgrid(mail, "delivered", timestamp=1780000002),
        sendgrid(mail, "open", timestamp=1780000003),
        sendgrid(mail, "bounce", timestamp=1780000004, reason="552 5.2.2 full"),
        sendgrid(mail, "spamreport", timestamp=1780000005),
        sendgrid(mail, "click", timestamp=1780000006),
    ]
    orders = list(itertools.permutations(range(6)))
    people = Contact.objects.bulk_create(
        Contact(email=f"p{number}@example.com", email_key=f"{number:032x}") for number in range(720)
    )
    messages = Message.objects.bulk_create(
        Message(dispatch=mail.dispatch, contact_id=person.pk, ordinal=number, email=person.email)
        for number, person in enumerate(people, 1000)
    )
    tokens = [mail_token(mail.dispatch.pk, message.pk, message.contact_id) for message in messages]
    for turn in range(6):  # one post a turn, in which each mail tells the event whose turn it is in its own order
        post_ = [{**bodies[order[turn]], "message": token} for order, token in zip(orders, tokens, strict=True)]
        keep("sendgrid", json.dumps(post_).encode(), "application/json", NOW)
        assert work() == 1

    states: dict[int, list[str]] = {}
    for contact, kind in Event.objects.values_list("contact_id", "kind__key"):
        states.setdefault(contact, []).append(kind)
    assert len(states) == 720
    assert {len(found) for found in states.values()} == {6}
    assert {message_state(found) for found in states.values()} == {MessageState.COMPLAINED}


def test_token_travels_as_metadata_with_providers(mail, settings):
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.test.EmailBackend"}}
    head = f"Subject: hi\r\nFrom: n@example.com\r\nTo: m@example.com\r\nMessage-ID: {mail.message_id}\r\n"
    data = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n".encode()

    message = as_django(Ready("h", mail.message.pk, mail.person.pk, 0, "n@example.com", "minsu@example.com", data))

    assert message.metadata == {"message": mail.token}
    assert message.extra_headers["Message-ID"] == mail.message_id
