"""What opens when one clicks an event of a mail: the mail as the person got it. Registered by CampaignsConfig.ready."""

from django.urls import reverse

from contacts.ledger.kinds import PastEvent
from contacts.people.opening import Opener


def mail_of(event: PastEvent) -> str:
    """Return the page of the mail that an event is about, "" when the event names none."""
    message = event.properties.get("message")
    return reverse("campaigns:mail", args=[message]) if isinstance(message, int) and message > 0 else ""


CAMPAIGN_OPENERS = [Opener("dispatch", mail_of)]
