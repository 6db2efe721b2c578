"""One mail to one person, through the same door as campaigns: eligibility, journal, outcomes, retries.

What is in doubt is held for a person: an order confirmation twice is worse than one that is asked for.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns.campaign.launch import write_links
from campaigns.campaign.wake import wake_send
from campaigns.senders.models import Sender
from campaigns.sending.models import Chunk, Dispatch, DispatchState, Doubt, Message
from campaigns.templating.models import TemplateVersion
from contacts.people.models import Contact


def send_one(version: TemplateVersion, sender: Sender, contact: Contact, *, now: datetime) -> Message:
    """Queue this mail for one person and return the message; the mail leaves within a second or so.

    Consent is asked for where the template is advertising, as everywhere. Raises LaunchRefused when it cannot be made.
    """
    messages = send_to(version, sender, {contact.pk: contact.email or ""}, now=now)
    return Message.objects.select_related("dispatch").get(pk=messages[contact.pk])


def send_to(version: TemplateVersion, sender: Sender, people: Mapping[int, str], *, now: datetime) -> dict[int, int]:
    """Queue this mail for up to 1,000 people, addresses by contact id, as one dispatch; return messages by contact id.

    Raises LaunchRefused when it cannot be made.
    """
    with transaction.atomic():
        dispatch = Dispatch.objects.create(
            sender=sender,
            template_version=version,
            kind=version.kind,
            doubt=Doubt.HOLD,
            state=DispatchState.SENDING,
            size=len(people),
            created_at=now,
            frozen_at=now,
        )
        write_links(dispatch)
        messages = Message.objects.bulk_create(
            Message(dispatch=dispatch, contact_id=contact, ordinal=ordinal, email=email)
            for ordinal, (contact, email) in enumerate(people.items(), start=1)
        )
        Chunk.objects.create(dispatch=dispatch, first=1, last=len(people), due_at=now)
        wake_send()
    return {message.contact_id: message.pk for message in messages}
