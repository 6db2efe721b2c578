"""Password reset by mail and password change: links, languages, other sessions."""

import re

import pytest
from django.core import mail
from django.test import Client

from crm.team import roster
from crm.team.models import Role, User
from crm.team.throttle import LOGIN_ADDRESS, RESET_ADDRESS
from tests.team.conftest import PASSWORD

NEW = "quiet-orchard-77"


def _link(message) -> str:
    return re.search(r"http\S+", message.body)[0].removeprefix("http://127.0.0.1:8000")


@pytest.fixture(autouse=True)
def _place(settings):
    settings.BASE_URL = "http://127.0.0.1:8000"


def test_reset_sets_a_password_once_and_ends_other_sessions(client, alice):
    elsewhere = Client()
    elsewhere.force_login(alice)
    client.post("/team/reset/", {"email": "ADMIN@example.com"}, headers={"host": "localhost"})
    (message,) = mail.outbox
    assert message.to == ["admin@example.com"]
    assert message.subject == "Your access to Wayfare" if alice.last_login is None else "A new password for Wayfare"
    form = client.get(_link(message), follow=True)
    answer = client.post(form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert (answer.status_code, answer.url) == (302, "/")
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert elsewhere.get("/team/profile/").status_code == 302
    assert client.get("/team/profile/").status_code == 200
    again = Client().get(_link(message), follow=True)
    assert again.context["validlink"] is False


def test_reset_answers_the_same_for_unknown_addresses_and_mails_nobody(client, team):
    User.objects.filter(role=Role.ANALYST).update(is_active=False)
    known = client.post("/team/reset/", {"email": "admin@example.com"})
    for address in ("nobody@example.com", "analyst@example.com"):
        unknown = client.post("/team/reset/", {"email": address})
        assert (unknown.status_code, unknown.url) == (known.status_code, known.url)
    assert [message.to for message in mail.outbox] == [["admin@example.com"]]


def test_mailbox_cannot_be_flooded(client, team):
    for _ in range(RESET_ADDRESS.tries + 2):
        answer = client.post("/team/reset/", {"email": "admin@example.com"})
    assert answer.context["form"].errors["email"] == ["Too many tries. Wait 15 minutes, then try again."]
    assert len(mail.outbox) == RESET_ADDRESS.tries


def test_reset_opens_a_throttled_log_in(client, alice):
    for _ in range(LOGIN_ADDRESS.tries + 1):
        client.post("/team/login/", {"username": alice.email, "password": "wrong"})
    roster.mail_link(alice)
    form = client.get(_link(mail.outbox[0]), follow=True)
    client.post(form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    answer = Client().post("/team/login/", {"username": alice.email, "password": NEW})
    assert answer.status_code == 302


def test_altered_link_sets_nothing(client, alice):
    roster.mail_link(alice)
    link = _link(mail.outbox[0])
    bent = link[:-3] + ("x" if link[-3] != "x" else "y") + link[-2:]
    answer = client.get(bent, follow=True)
    assert answer.context["validlink"] is False
    client.post(answer.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_link_never_takes_the_host_a_client_claims(client, alice, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/team/reset/", {"email": alice.email}, headers={"host": "evil.example"})
    assert "evil.example" not in mail.outbox[0].body
    assert "http://127.0.0.1:8000/team/reset/" in mail.outbox[0].body


def test_password_change_ends_other_sessions_and_keeps_this_one(client, alice):
    elsewhere = Client()
    elsewhere.force_login(alice)
    client.force_login(alice)
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/team/password/", data).url == "/team/profile/"
    assert client.get("/team/profile/").status_code == 200
    assert elsewhere.get("/team/profile/").status_code == 302


def test_wrong_old_password_changes_nothing(client, alice):
    client.force_login(alice)
    data = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.post("/team/password/", data).status_code == 200
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
