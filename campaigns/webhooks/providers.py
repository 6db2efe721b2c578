"""The mail providers whose webhooks are taken, and Anymail's knowledge of them: signatures and normal form."""

import io
import warnings
from collections.abc import Sequence

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWarning
from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

# One line a provider: its name in the webhook's address, and Anymail's view.
PROVIDERS: dict[str, type[AnymailBaseWebhookView]] = {
    "amazon_ses": AmazonSESTrackingWebhookView,
    "brevo": BrevoTrackingWebhookView,
    "mailersend": MailerSendTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "mailtrap": MailtrapTrackingWebhookView,
    "mandrill": MandrillCombinedWebhookView,
    "postal": PostalTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
    "unisender_go": UnisenderGoTrackingWebhookView,
}


class NotSetUp(Exception):
    """The provider is unknown, or nothing in settings.ANYMAIL says how to know its posts."""


class Forged(Exception):
    """The post has no valid signature or password, or cannot be read."""


def _view(provider: str) -> AnymailBaseWebhookView:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailWarning)  # what is insecure is refused below instead
            view = PROVIDERS[provider]()
    except (KeyError, AnymailConfigurationError) as error:
        raise NotSetUp(str(error)) from error
    if view.warn_if_no_basic_auth and not view.basic_auth:
        raise NotSetUp(f"{provider}: WEBHOOK_SECRET is not set")
    return view


def check(provider: str, request: HttpRequest) -> None:
    """Check that the provider sent this. Raises NotSetUp, Forged."""
    view = _view(provider)
    try:
        view.run_validators(request)
    except (AnymailError, LookupError, TypeError, ValueError, AttributeError) as error:  # JSON of another shape
        raise Forged(f"{type(error).__name__}: {error}") from error


def events(provider: str, body: bytes, content_type: str) -> Sequence[AnymailTrackingEvent]:
    """Return what a checked post tells, in Anymail's normal form. Raises NotSetUp, and what a broken body causes."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    told = _view(provider).parse_events(WSGIRequest(environ))
    return [event for event in told if isinstance(event, AnymailTrackingEvent)]
