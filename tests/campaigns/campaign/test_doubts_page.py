"""Mails in doubt over all dispatches: who is listed for whom, what is decided on the ticked ones, by whom."""

import pytest
from django.test import Client

from campaigns.sending.doubts import held
from campaigns.sending.in_doubt import in_doubt
from campaigns.sending.models import Dispatch, Retry
from campaigns.sending.transactional import send_one
from campaigns.sending.worker import send_now
from campaigns.templating.models import MailKind
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.home.needs import needs_of
from crm.kit.clock import now
from crm.team.models import Role, User
from tests.campaigns.conftest import make_people, make_sender, make_template
from tests.campaigns.sending.test_doubts import LOST, broken, later
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db
PAGE, SETTLE = "/mails/in-doubt/", "/mails/in-doubt/settle/"


@pytest.fixture
def users() -> dict[Role, User]:
    return {
        role: User.objects.create_user(f"{role}@team.example", "pw-pw-pw-pw", name=role, role=role) for role in Role
    }


@pytest.fixture
def receipt(smtp: SmtpServer) -> Dispatch:
    """One transactional mail whose server took it and hung up."""
    smtp.on_body = lambda recipient, data: ""
    [buyer] = make_people(1, prefix="buyer")
    version = make_template(MailKind.INFORMATIONAL).versions.get()
    dispatch = send_one(version, make_sender(), buyer, now=now()).dispatch
    send_now(now)
    return dispatch


def shown(client: Client, user: User) -> list[str]:
    client.force_login(user)
    return [row.contact.email for row in client.get(PAGE).context["page"].rows]


def test_every_mail_in_doubt_is_listed_with_its_person(
    smtp: SmtpServer, receipt: Dispatch, users: dict[Role, User], client: Client
) -> None:
    campaign = broken(smtp)
    expected = {mail.contact_id for one in (receipt, campaign) for mail in held(one)}
    assert len(expected) == 1 + LOST
    found = in_doubt(users[Role.MARKETER])
    assert {row.person_id for row in found} == expected
    assert all(row.doubted_at for row in found)
    client.force_login(users[Role.MARKETER])
    page = client.get(PAGE)
    assert [row.mail for row in page.context["page"].rows] == ["Autumn"] * LOST + ["News"]
    assert 'data-dialog="send-again"' in page.content.decode()
    [need] = [need for need in needs_of(users[Role.MARKETER], now()) if need.url == PAGE]
    assert need.text == "4 mails may not have arrived."


def test_ticked_ones_alone_are_sent_again(
    smtp: SmtpServer, receipt: Dispatch, users: dict[Role, User], client: Client
) -> None:
    campaign = broken(smtp)
    smtp.on_body = lambda recipient, data: OK
    chosen = held(campaign)[0]
    client.force_login(users[Role.MARKETER])
    ticked = {"choice": "again", "message": [str(chosen.message_id), str(held(receipt)[0].message_id), "x", "999999"]}
    assert "2 mails are sent once more." in client.post(SETTLE, ticked, follow=True).content.decode()
    assert "None of the ticked mails waits" in client.post(SETTLE, ticked, follow=True).content.decode()
    assert Retry.objects.count() == 2
    send_now(later(20))
    assert (len(held(receipt)), len(held(campaign))) == (0, LOST - 1)
    assert Event.objects.filter(kind__key="mail.released", properties__by=users[Role.MARKETER].pk).count() == 2


def test_all_count_as_sent_at_once(
    smtp: SmtpServer, receipt: Dispatch, users: dict[Role, User], client: Client
) -> None:
    broken(smtp)
    taken = len(smtp.taken)
    client.force_login(users[Role.ADMIN])
    answer = client.post(SETTLE, {"choice": "sent", "everyone": "1"}, follow=True)
    assert "4 mails count as sent now." in answer.content.decode()
    assert "No mail is in doubt" in answer.content.decode()
    send_now(later(20))
    assert (len(smtp.taken), in_doubt(users[Role.ADMIN]).count()) == (taken, 0)
    assert needs_of(users[Role.ADMIN], now()) == []


def test_reader_sees_her_people_alone_and_only_some_decide(
    receipt: Dispatch, users: dict[Role, User], client: Client
) -> None:
    contact = Contact.objects.get(email="buyer0@example.com")
    assert shown(client, users[Role.SALES_REP]) == [contact.email]
    Contact.objects.filter(pk=contact.pk).update(owner=users[Role.ADMIN])
    assert shown(client, users[Role.SALES_REP]) == []
    for role in (Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST):
        client.force_login(users[role])
        assert client.post(SETTLE, {"choice": "sent", "everyone": "1"}).status_code == 403
        assert 'id="in-doubt"' not in client.get(PAGE).content.decode()
        assert [need for need in needs_of(users[role], now()) if need.url == PAGE] == []
    assert len(held(receipt)) == 1
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_wrong_choice_changes_nothing(receipt: Dispatch, users: dict[Role, User], client: Client) -> None:
    client.force_login(users[Role.ADMIN])
    assert client.post(SETTLE, {"choice": "else", "everyone": "1"}).status_code == 404
    assert client.get(SETTLE).status_code == 405
    assert client.get(PAGE, {"cursor": "zzz"}).status_code == 400
    client.post(SETTLE, {"choice": "sent"})
    assert (len(held(receipt)), Retry.objects.count()) == (1, 0)
