"""Double opt-in: one mail a day, the button alone grants, repeats and old links change nothing."""

import re
import smtplib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from contacts.consent.models import Decision, Purpose, SuppressionReason
from contacts.consent.record import Proof, record
from contacts.consent.suppress import Mailbox, suppress
from contacts.errors import Invalid
from contacts.identity.merge import merge
from contacts.models import ConsentEntry, ConsentState, Contact, Event, OptIn
from contacts.opt_in.ask import ask, waiting_since
from contacts.opt_in.mailing import send_due
from contacts.opt_in.tokens import token_of
from contacts.people.address import email_key
from contacts.topics.models import Topic, TopicEntry
from crm.kit import clock
from crm.kit.work import WorkState
from crm.team.models import Company

pytestmark = pytest.mark.django_db
PROOF = Proof(source="person", wording="네, 보내 주세요", recorded_by_id=None)


@pytest.fixture(autouse=True)
def outbox(settings, db):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.DEFAULT_FROM_EMAIL = "Wayfare <hello@onnote.example>"
    Company.objects.create(name="온노트", postal_address="서울 성동구 성수이로 100")
    mail.outbox = []
    return mail.outbox


def person(email="kim@example.com", language="ko") -> Contact:
    return Contact.objects.create(email=email, email_key=email_key(email), name="김하나", language=language)


def asked(contact, now, purposes=(Purpose.MARKETING,)) -> OptIn:
    assert ask(contact, purposes, PROOF, now=now) is True
    return OptIn.objects.get(contact=contact)


def decisions(contact) -> dict[str, str]:
    return dict(ConsentState.objects.filter(contact=contact).values_list("purpose", "decision"))


def test_the_mail_asks_in_the_persons_language_and_grants_nothing(outbox, now):
    kim = person()
    asked(kim, now, [Purpose.MARKETING, Purpose.TRACKING])
    assert send_due(lambda: now) == 1
    assert send_due(lambda: now) == 0
    (sent,) = outbox
    assert (sent.to, sent.from_email) == (["kim@example.com"], "온노트 <hello@onnote.example>")
    assert "온노트" in sent.subject
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    link = re.search(r"/agree/(\S+)", sent.body)[1]
    assert link == token_of(OptIn.objects.get())
    assert f"/agree/{link}" in sent.alternatives[0].content
    assert "네, 보내 주세요" in sent.body
    assert decisions(kim) == {}
    assert Event.objects.get(kind__key="consent.asked").contact_id == kim.pk
    assert Contact.objects.annotate(since=waiting_since()).get(pk=kim.pk).since == now


def test_one_mail_a_day_goes_to_an_address_whoever_asks(outbox, now):
    kim = person()
    asked(kim, now)
    assert ask(kim, [Purpose.TRACKING], PROOF, now=now + timedelta(hours=1)) is False
    twin = Contact.objects.create(name="Same mailbox", email="other@example.com", email_key=kim.email_key)
    assert ask(twin, [Purpose.MARKETING], PROOF, now=now) is False
    assert ask(kim, [Purpose.MARKETING], PROOF, now=now + timedelta(days=1)) is True
    assert send_due(lambda: now + timedelta(days=1)) == 2
    row = OptIn.objects.earliest("asked_at")
    row.pk = None
    with pytest.raises(IntegrityError, match="opt_in_one_a_day"), transaction.atomic():
        row.save()


def test_nobody_is_asked_who_gets_no_mail(outbox, now):
    kim = person()
    suppress([Mailbox(kim.email_key, SuppressionReason.COMPLAINT, now)])
    nameless = Contact.objects.create(name="No address")
    for contact in (kim, nameless):
        with pytest.raises(Invalid):
            ask(contact, [Purpose.MARKETING], PROOF, now=now)
    assert not OptIn.objects.exists()


def test_opening_changes_nothing_and_the_button_grants_once(client, now, rf):
    kim = person()
    row = asked(kim, now, [Purpose.MARKETING, Purpose.TRACKING])
    address = f"/agree/{token_of(row)}"
    for method in (client.get, client.head):
        page = method(address)
        assert page.status_code == 200
        assert not page.cookies
    assert page["Referrer-Policy"] == "no-referrer"
    page = client.get(address).content.decode()
    assert "동의하시겠습니까?" in page
    assert "온노트, 서울 성동구 성수이로 100" in page
    assert decisions(kim) == {}
    for _ in range(3):
        assert client.post(address, REMOTE_ADDR="203.0.113.77").status_code == 200
    assert decisions(kim) == {"marketing": "granted", "tracking": "granted"}
    entry = ConsentEntry.objects.get(contact=kim, purpose="marketing")
    assert (entry.wording, entry.source, entry.ip_prefix) == ("네, 보내 주세요", "person", "203.0.113.0/24")
    assert entry.double_opt_in_at is not None
    assert ConsentEntry.objects.count() == 2
    assert Contact.objects.annotate(since=waiting_since()).get(pk=kim.pk).since is None


def test_a_later_refusal_stands_against_the_old_link(client, now):
    kim = person()
    address = f"/agree/{token_of(asked(kim, now))}"
    client.post(address)
    later = clock.now() + timedelta(hours=1)
    record(kim.pk, "marketing", "email", Decision.WITHDRAWN, at=later, proof=Proof("one-click"), now=later)
    client.post(address)
    assert decisions(kim) == {"marketing": "withdrawn"}


def test_old_altered_and_foreign_links_explain_and_change_nothing(client, now):
    kim = person(language="en")
    row = asked(kim, now - timedelta(days=15))
    address = f"/agree/{token_of(row)}"
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 410
        assert "This link is too old" in answer.content.decode()
    other = address[:-1] + ("A" if address[-1] != "A" else "B")
    assert client.post(other).status_code == 404
    OptIn.objects.update(asked_at=now)
    Contact.objects.filter(pk=kim.pk).update(email="new@example.com", email_key=email_key("new@example.com"))
    assert "for another address" in client.post(address).content.decode()
    assert client.put(address).status_code == 405
    assert decisions(kim) == {}


def test_address_that_a_merge_gave_up_confirms_nothing_for_another(client, now):
    kim, stays = person(), person("stays@example.com")
    row = asked(kim, now)
    merge(stays.pk, kim.pk, by=None, now=now)
    assert client.post(f"/agree/{token_of(row)}").status_code == 410
    assert decisions(stays) == {}


def test_a_server_that_is_away_is_tried_again_and_a_killed_try_is_not(outbox, now, monkeypatch):
    row = asked(person(), now)

    def away(self, messages):
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        assert send_due(lambda: now) == 0
    row.refresh_from_db()
    assert (row.state, row.last_error) == (WorkState.READY, "away")
    assert row.due_at > now
    assert send_due(lambda: row.due_at) == 1
    OptIn.objects.update(state=WorkState.LEASED, attempts=1, last_error="", lease_until=now)
    assert send_due(lambda: now + timedelta(minutes=5)) == 0
    row.refresh_from_db()
    assert row.state == WorkState.FAILED
    assert len(outbox) == 1


def test_quick_add_asks_by_mail_and_shows_that_it_waits(client, team, outbox, now):
    client.force_login(team.rob)
    assert 'name="confirm"' in client.get("/leads/add/").content.decode()
    data = {
        "token": uuid4(),
        "name": "박지성",
        "email": "js@park.example.com",
        "marketing": "on",
        "said": "네",
        "confirm": "on",
    }
    for _ in range(2):
        assert client.post("/leads/add/", data).status_code == 302
    contact = Contact.objects.get(email="js@park.example.com")
    row = OptIn.objects.get()
    assert (row.contact, row.asked_by, row.purposes, row.wording) == (contact, team.rob, ["marketing"], "네")
    assert decisions(contact) == {}
    page = client.get(f"/people/{contact.pk}/")
    assert page.context["contact"].confirmation_since == row.asked_at
    client.logout()
    client.post(f"/agree/{token_of(row)}")
    assert decisions(contact) == {"marketing": "granted"}
    assert ConsentEntry.objects.get().recorded_by == team.rob


def test_topics_are_chosen_with_the_confirmation_and_only_once(client, now):
    kim = person(language="en")
    events, offers = (Topic.objects.create(name=name) for name in ("Events", "Offers"))
    page = f"/agree/{token_of(asked(kim, clock.now()))}"
    assert client.get(page).content.decode().count('name="topic_shown"') == 2
    chosen = {"topic_shown": [events.pk, offers.pk], "topic": [offers.pk]}
    assert client.post(page, chosen).status_code == 200
    client.post(page, chosen | {"topic": []})
    said = TopicEntry.objects.values_list("topic", "wanted", "source", "wording", "ip_prefix")
    assert list(said) == [(events.pk, False, "person", "Events · Offers", "127.0.0.0/24")]
    assert decisions(kim) == {"marketing": Decision.GRANTED}
    other = asked(person("lee@example.com"), clock.now(), [Purpose.TRACKING])
    assert "topic_shown" not in client.get(f"/agree/{token_of(other)}").content.decode()
