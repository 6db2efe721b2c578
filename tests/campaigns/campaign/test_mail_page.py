"""The page of one mail: who may open it, that it is sandboxed, and that nothing in it acts for the person."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from campaigns.campaign.freeze import freeze
from campaigns.campaign.launch import launch
from campaigns.sending.models import Message
from contacts.consent.models import ConsentState, Decision
from contacts.ledger.append import NewEvent, append
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, decide, make_campaign, make_people

pytestmark = pytest.mark.django_db


def colleague(role, name="x"):
    return User.objects.create_user(f"{name}.{role}@team.example", "pw-pw-pw-pw", name=name, role=role)


@pytest.fixture
def sent(monkeypatch):
    """A message that was handed over, to a person of whom Rob takes care."""
    people = make_people(2)
    decide(people[:1], Decision.GRANTED)
    Contact.objects.update(owner=colleague(Role.SALES_REP, "rob"))
    monkeypatch.setattr("campaigns.campaign.launch.wake_freeze", lambda dispatch_id: None)
    dispatch = launch(make_campaign(people).pk, by=colleague(Role.MARKETER, "mina"), now=NOW)
    freeze(dispatch.pk, lambda: NOW)
    message = Message.objects.get(left_out="")
    facts = {"message": message.pk, "mail": "News"}
    append(
        [NewEvent(people[0].pk, "mail.sent", NOW, ("dispatch", str(message.dispatch_id)), properties=facts)],
        source="test",
        now=NOW,
    )
    return message


def test_a_mail_shows_what_became_of_it(client, sent):
    client.force_login(User.objects.get(role=Role.MARKETER))
    response = client.get(f"/mails/{sent.pk}/")
    shown = response.context
    assert (response.status_code, shown["state"], shown["handed_over_at"]) == (200, "Mail sent", NOW)
    assert shown["copy"].subject == "(광고) 김철수0님, 새 소식"
    assert f"/campaigns/{shown['campaign'].pk}/" in response.content.decode()
    person = client.get(f"/people/{sent.contact_id}/timeline/?kind=mail.sent").content.decode()
    assert f'href="/mails/{sent.pk}/"' in person


def test_the_mails_of_a_person_stand_in_the_order_in_which_they_went_out(client, sent):
    client.force_login(User.objects.get(role=Role.MARKETER))
    later = [
        Message.objects.create(dispatch=sent.dispatch, contact_id=sent.contact_id, occurrence=n, ordinal=100 + n)
        for n in (1, 2, 3)
    ]
    for message, days in zip(later, (-2, None, -1), strict=True):  # the second waits, after one that went out
        if days is not None:
            told = {"subject": ("dispatch", str(sent.dispatch_id)), "properties": {"message": message.pk}}
            gone = NewEvent(sent.contact_id, "mail.sent", NOW + timedelta(days=days), **told)
            append([gone], source="test", now=NOW)
    shown = client.get(f"/people/{sent.contact_id}/mails/").context["mails"]
    assert [message.pk for message, _standing in shown] == [sent.pk, later[2].pk, later[1].pk, later[0].pk]


def test_the_frame_runs_nothing_and_its_links_act_for_nobody(client, sent):
    client.force_login(User.objects.get(role=Role.MARKETER))
    before = Event.objects.count()
    response = client.get(f"/mails/{sent.pk}/body/")
    html, policy = response.content.decode(), response["Content-Security-Policy"]
    assert (response.status_code, "김철수0" in html) == (200, True)
    assert ("sandbox" in policy, "default-src 'none'" in policy, "script" in policy) == (True, True, False)
    assert "/t/" not in html
    opt_out = re.search(r"/u/[\w-]+", html).group()
    assert Client().post(opt_out).status_code == 200
    assert Client().post(opt_out.replace("/u/", "/p/"), {"nothing": "1"}).status_code == 200
    assert list(ConsentState.objects.values_list("decision", flat=True)) == [Decision.GRANTED]
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.SALES_REP, 404), (Role.ANALYST, 200), (Role.CUSTOMER_SUCCESS, 200), (Role.ADMIN, 200)],
)
def test_only_who_may_see_the_person_opens_the_mail(client, sent, role, status):
    client.force_login(colleague(role, "other"))
    assert [client.get(f"/mails/{sent.pk}/{part}").status_code for part in ("", "body/")] == [status, status]
    assert client.post(f"/mails/{sent.pk}/").status_code in (403, 405)


def test_a_mail_that_was_not_made_or_is_gone(client, sent):
    client.force_login(User.objects.get(role=Role.MARKETER))
    left_out = Message.objects.exclude(left_out="").get()
    response = client.get(f"/mails/{left_out.pk}/")
    assert (response.status_code, response.context["copy"]) == (200, None)
    assert response.context["state"] == "Left out: has not agreed to marketing"
    assert [client.get(f"/mails/{n}/").status_code for n in (0, 10**15)] == [404, 404]
    assert client.get(f"/mails/{left_out.pk}/body/").status_code == 404


def test_the_mail_of_a_merged_person_is_found_with_the_one_who_stays(client, sent):
    client.force_login(User.objects.get(role=Role.MARKETER))
    stays = Contact.objects.exclude(pk=sent.contact_id).get()
    Contact.objects.filter(pk=sent.contact_id).update(merged_into=stays)
    response = client.get(f"/mails/{sent.pk}/")
    assert (response.status_code, response.context["contact"]) == (200, stays)
