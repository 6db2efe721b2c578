"""A sent mail, and posts as the providers make them."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

import pytest
from django.test import Client

from campaigns.models import Dispatch, Message
from campaigns.sending.models import DispatchState
from campaigns.tracking.tokens import mail_token
from contacts.people.address import email_key
from contacts.people.models import Contact
from tests.campaigns.tracking.conftest import new_dispatch

SECRET = "hook:secret"


@pytest.fixture(autouse=True)
def _set_up(settings):
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key",
        "MANDRILL_WEBHOOK_KEY": "mandrill-key",
    }


@dataclass
class Mail:
    """A mail that was sent: its rows, its token and its Message-ID."""

    dispatch: Dispatch
    message: Message
    person: Contact
    token: str

    @property
    def message_id(self):
        return f"<m.{self.token}@example.com>"


def new_mail(dispatch=None, email="minsu@example.com"):
    dispatch = dispatch or new_dispatch()
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.SENDING)
    person = Contact.objects.create(email=email, email_key=email_key(email))
    ordinal = Message.objects.filter(dispatch=dispatch).count()
    message = Message.objects.create(dispatch=dispatch, contact_id=person.pk, ordinal=ordinal, email=email)
    return Mail(dispatch, message, person, mail_token(dispatch.pk, message.pk, person.pk))


@pytest.fixture
def mail(db):
    return new_mail()


def basic(secret=SECRET):
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


def post(provider, body, headers=None, content_type="application/json"):
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/webhooks/anymail/{provider}/", data, content_type=content_type, headers=headers or basic())


def mailgun(mail, event, key="mailgun-key", token="t1", **data):
    signature = hmac.new(key.encode(), f"1780000000{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": "1780000000", "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "timestamp": 1780000000.5,
            "recipient": "minsu@example.com",
            "message": {"headers": {"message-id": mail.message_id.strip("<>")}},
            **data,
        },
    }


def mandrill(events, key="mandrill-key"):
    """Return (body, headers) of a signed form post."""
    from urllib.parse import urlencode

    text = json.dumps(events)
    signed = f"http://{SECRET}@testserver/webhooks/anymail/mandrill/mandrill_events{text}"
    signature = base64.b64encode(hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return urlencode({"mandrill_events": text}), {"X-Mandrill-Signature": signature, **basic()}
