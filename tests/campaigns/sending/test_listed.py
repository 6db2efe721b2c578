"""A test install (SEND_ONLY_TO) writes to listed addresses and domains alone, by whatever door a mail leaves."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from campaigns.campaign import audience
from campaigns.rendering.mails import DispatchMails
from campaigns.senders.models import Sender
from campaigns.sending import eligibility, transactional
from campaigns.sending.models import Message
from campaigns.sending.worker import Worker
from campaigns.templating.models import MailKind
from campaigns.templating.preview import Rendered, send_test
from contacts.consent.models import Decision
from contacts.ledger.models import Event
from contacts.opt_in import mailing
from contacts.opt_in.models import OptIn
from crm.environment import Environment
from crm.kit import clock, outgoing
from crm.kit.recipients import NotListed, may_call, may_receive
from crm.team import notices, roster
from crm.team.models import Notice, User
from tests.campaigns.conftest import NOW, decide, make_campaign, make_people, make_sender, make_template
from tests.campaigns.killing import launched

LISTED = ["anna@elsewhere.example", "@listed.example"]


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("", []),
        ("Anna@Elsewhere.example, listed.example", LISTED),
        ("@listed.example", ["@listed.example"]),
        ("한국.kr", ["@한국.kr"]),
    ],
)
def test_setting_is_read(given, listed):
    assert Environment({"X": given}).recipients("X", what="") == listed


@pytest.mark.parametrize("wrong", ["localhost", "a@b@c.example", "*", "@", "a b@c.example", "https://a.example"])
def test_wrong_setting_stops_the_start(wrong):
    with pytest.raises(ImproperlyConfigured, match=r"X: .* is neither an address nor a domain"):
        Environment({"X": wrong}).recipients("X", what="")


def test_who_is_listed(settings):
    assert may_receive("anybody@example.com")
    settings.SEND_ONLY_TO = LISTED
    asked = [
        "Anna@elsewhere.example",
        "b@elsewhere.example",
        "x@LISTED.example",
        "x@sub.listed.example",
        "x@notlisted.example",
    ]
    assert [may_receive(address) for address in asked] == [True, False, True, False, False]
    assert [may_call(host) for host in ("listed.example", "hook.listed.example", "notlisted.example")] == [
        True,
        True,
        False,
    ]


@pytest.fixture
def people(db):
    inside = make_people(2, prefix="in", domain="listed.example")
    one = make_people(1, prefix="anna", domain="elsewhere.example")
    one[0].email = "anna@elsewhere.example"
    one[0].save(update_fields=["email"])
    outside = make_people(3, prefix="out", domain="elsewhere.example")
    decide(inside + one + outside, Decision.GRANTED)
    return [*inside, *one, *outside]


def test_campaign_leaves_the_others_out_with_the_reason(people, settings):
    campaign = make_campaign(people)
    assert audience.preview(campaign, NOW)[""] == 6
    settings.SEND_ONLY_TO = LISTED
    counts = audience.preview(campaign, NOW)
    assert (counts[""], counts["not_listed"]) == (3, 3)
    dispatch = launched(campaign)
    rows = Message.objects.filter(dispatch=dispatch).values_list("left_out", "email")
    assert sorted(rows) == [
        ("", "anna@elsewhere.example"),
        ("", "in0@listed.example"),
        ("", "in1@listed.example"),
        *[("not_listed", f"out{number}@elsewhere.example") for number in range(3)],
    ]


@pytest.mark.django_db(transaction=True)
def test_claim_asks_again_also_for_calls_of_one_mail(people, settings, smtp):
    """Launched before the setting was there, and one mail without consent: neither leaves to others."""
    launched(make_campaign(people))
    version = make_template(MailKind.INFORMATIONAL).versions.get()
    transactional.send_to(version, Sender.objects.get(), {one.pk: one.email for one in people}, now=clock.now())
    settings.SEND_ONLY_TO = LISTED
    with Worker(clock.now) as worker:
        worker.work()
    assert {mail.recipient for mail in smtp.taken} == {
        "anna@elsewhere.example", "in0@listed.example", "in1@listed.example",
    }  # fmt: skip
    assert len(smtp.taken) == 6
    skipped = Event.objects.filter(kind__key="mail.skipped").values_list("properties__reason", flat=True)
    assert list(skipped) == ["not_listed"] * 6


def test_sample_of_one_person_says_so_too(people, settings):
    settings.SEND_ONLY_TO = LISTED
    dispatch = launched(make_campaign(people))
    rows = [eligibility.row_of(DispatchMails(dispatch), one.pk, NOW).left_out for one in people]
    assert rows == ["", "", "", "not_listed", "not_listed", "not_listed"]


@pytest.mark.django_db(transaction=True)
def test_mails_of_the_product_go_to_nobody_else(settings, smtp, people):
    settings.SEND_ONLY_TO = LISTED
    out = User.objects.create_user("emma@company.example", name="Emma")
    inside = User.objects.create_user("han@listed.example", name="Han")
    notices.tell([notices.News(out, "one"), notices.News(inside, "two")], by_mail=True, now=NOW)
    assert notices.mail_due(clock.now) == 1
    assert set(Notice.objects.values_list("state", flat=True)) == {"done"}
    for person in (people[0], people[5]):
        OptIn.objects.create(
            contact=person,
            email_key=person.email_key,
            purposes=["marketing"],
            wording="w",
            source="test",
            due_at=NOW,
            day=NOW.date(),
            asked_at=NOW,
        )
    assert mailing.send_due(clock.now) == 1
    assert Event.objects.filter(kind__key="consent.asked").count() == 1
    with pytest.raises(NotListed, match=r"emma@company\.example"):
        send_test(Rendered("s", "", "<p>x</p>", "x"), out)
    with pytest.raises(roster.MailFailed, match="SEND_ONLY_TO"):
        roster.mail_link(out)
    assert sorted(mail.recipient for mail in smtp.taken) == ["han@listed.example", "in0@listed.example"]


def test_call_of_a_journey_reaches_listed_hosts_alone(settings):
    settings.SEND_ONLY_TO = LISTED
    with pytest.raises(outgoing.CallFailed, match="SEND_ONLY_TO") as refused:
        outgoing.post("https://hooks.example.com/x", b"{}", {})
    assert refused.value.permanent


def test_no_module_sends_past_the_one_door():
    """Whoever mails without the send queue does it by crm.kit.recipients.deliver."""
    found = []
    for app in ("crm", "contacts", "campaigns", "journeys"):
        for path in (django_settings.BASE_DIR / app).rglob("*.py"):
            text = path.read_text()
            if "django.core.mail" in text and re.search(
                r"\.send\(|\bsend_mail\(|\bsend_messages\(|\bmail_admins\(", text
            ):
                found.append(str(path.relative_to(django_settings.BASE_DIR)))
    assert sorted(found) == [
        "campaigns/mailers/batch.py",
        "campaigns/mailers/django_backend.py",
        "campaigns/mailers/smtp.py",
        "crm/kit/recipients.py",
    ]
    assert Path(django_settings.BASE_DIR / "crm/kit/recipients.py").exists()


def test_every_page_says_so(client, db, settings):
    user = User.objects.create_user("a@listed.example", name="A", role="admin")
    client.force_login(user)
    assert "Test install" not in client.get("/team/profile/").content.decode()
    settings.SEND_ONLY_TO = LISTED
    for path in ("/team/profile/", "/admin/", "/admin/team/user/", "/nowhere/"):
        assert "only to anna@elsewhere.example, @listed.example" in client.get(path).content.decode(), path
    client.logout()
    assert "Test install" in client.get("/team/login/").content.decode()


def test_sender_address_outside_is_told_to_the_person(client, db, settings):
    settings.SEND_ONLY_TO = LISTED
    sender = make_sender()
    client.force_login(User.objects.create_user("a@listed.example", name="A", role="admin"))
    answer = client.post(f"/senders/{sender.pk}/ask/", follow=True)
    assert "SEND_ONLY_TO" in answer.content.decode()
