"""A sender proves its address by a mail and a button."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from campaigns.senders import verify
from campaigns.senders.models import Sender
from tests.campaigns.conftest import make_sender
from tests.campaigns.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Sender:
    made = make_sender()
    Sender.objects.update(verified_at=None)
    made.refresh_from_db()
    return made


def test_link_from_the_mail_confirms_by_post_alone(sender: Sender, smtp: SmtpServer) -> None:
    verify.ask(sender)
    (mail,) = smtp.taken
    assert mail.recipient == sender.email
    text = mail.data.replace(b"=\r\n", b"").replace(b"=3D", b"=").decode()
    path = urlsplit(re.search(r"http\S+", text)[0]).path
    client = Client(enforce_csrf_checks=False)
    assert client.get(path).status_code == 200
    sender.refresh_from_db()
    assert sender.verified_at is None
    for _ in range(2):
        assert client.post(path).status_code == 200
    sender.refresh_from_db()
    assert sender.verified_at is not None


def test_altered_link_and_changed_address_are_refused(sender: Sender) -> None:
    path = urlsplit(verify.confirmation_url(sender)).path
    client = Client()
    assert client.post(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    Sender.objects.update(email="other@wayfare.example")
    assert client.post(path).status_code == 404
    sender.refresh_from_db()
    assert sender.verified_at is None
