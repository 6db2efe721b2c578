"""Posts of providers: known by signature or password, stored once, refused otherwise without a trace."""

import pytest
from django.test import Client

from campaigns.models import WebhookReceipt

from .conftest import basic, mailgun, mandrill, post

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def test_post_is_stored_raw_once_whatever_it_says(mail):
    body = b'{"RecordType": "Delivery", "MessageID": "x"}'

    assert [post("postmark", body).status_code for _ in range(3)] == [200, 200, 200]

    receipt = WebhookReceipt.objects.get()
    assert (receipt.provider, bytes(receipt.body), receipt.state, receipt.attempts) == ("postmark", body, "ready", 0)


def test_signed_posts_are_taken(mail):
    body, headers = mandrill([])

    assert post("mailgun", mailgun(mail, "delivered")).status_code == 200
    assert post("mandrill", body, headers, FORM).status_code == 200
    assert WebhookReceipt.objects.count() == 2


@pytest.mark.parametrize("provider", ["postmark", "sendgrid", "brevo", "sparkpost", "mailjet", "mailgun", "mandrill"])
@pytest.mark.parametrize("secret", ["hook:wrong", "", "x"])
def test_wrong_password_is_refused(mail, provider, secret):
    assert post(provider, "{}", basic(secret)).status_code == 400
    assert Client().post(f"/webhooks/anymail/{provider}/", "{}", content_type="application/json").status_code == 400
    assert WebhookReceipt.objects.count() == 0


def test_wrong_signature_is_refused(mail):
    forged_form, headers = mandrill([], key="other")
    tampered = mailgun(mail, "complained")
    tampered["signature"]["token"] = "t2"

    assert post("mailgun", mailgun(mail, "complained", key="other")).status_code == 400
    assert post("mailgun", tampered).status_code == 400
    assert post("mandrill", forged_form, headers, FORM).status_code == 400
    assert WebhookReceipt.objects.count() == 0


@pytest.mark.parametrize("body", ["", "not json", "[]", "null", '{"signature": 7}', "\x00"])
def test_signed_provider_with_a_broken_body_gets_an_answer(mail, body):
    assert post("mailgun", body).status_code == 400
    assert WebhookReceipt.objects.count() == 0


def test_provider_that_is_not_set_up_is_not_there(mail, settings):
    settings.ANYMAIL = {}

    assert [post(name, "{}").status_code for name in ("postmark", "mailgun", "amazon_ses", "nobody")] == [404] * 4
    assert WebhookReceipt.objects.count() == 0


def test_address_may_be_tried_by_head_and_by_nothing_else(mail):
    client = Client()

    assert client.head("/webhooks/anymail/mandrill/").status_code == 200
    assert client.get("/webhooks/anymail/postmark/").status_code == 405
