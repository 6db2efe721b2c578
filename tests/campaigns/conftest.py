"""A sender, a mail in two languages, people with and without consent, and an SMTP server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.campaign import edit
from campaigns.campaign.models import Campaign
from campaigns.senders.models import Sender
from campaigns.templating import versions
from campaigns.templating.models import MailKind, MailTemplate
from contacts.consent.models import Channel, ConsentEntry, ConsentState, Decision, Purpose
from contacts.lists.models import FixedList, ListMember
from contacts.people.address import email_key
from contacts.people.models import Contact
from tests.campaigns.smtp_server import SmtpServer

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def mail_content(**changes: Any) -> dict[str, Any]:
    """Return the JSON of a mail in Korean and English; `changes` go into both."""
    blocks = [
        {"kind": "heading", "text": "{{ contact.name | default: '고객' }}", "size": "large"},
        {"kind": "text", "text": "Some words from {{ contact.city }}, [read on](https://example.com/a?b=1&c=2)."},
        {"kind": "button", "text": "Go", "url": "https://example.com/go", "align": "center"},
        {"kind": "footer", "note": "See you."},
    ]
    one = {"preheader": "In short", "blocks": blocks}
    english = {"subject": "News for {{ contact.name | default: 'you' }}", **one} | changes
    korean = {"subject": "{{ contact.name | default: '고객' }}님, 새 소식", **one} | changes
    return {"default": "ko", "languages": {"en": english, "ko": korean}}


def make_template(kind: MailKind = MailKind.ADVERTISING, **changes: Any) -> MailTemplate:
    """Make a template with one version."""
    template = versions.create("News", kind, mail_content(**changes), by=None, now=NOW)
    versions.make_version(template, by=None, now=NOW)
    return template


def make_people(count: int, *, prefix: str = "p", language: str = "ko", domain: str = "example.com") -> list[Contact]:
    """Make contacts without any consent."""
    return Contact.objects.bulk_create(
        Contact(
            email=f"{prefix}{number}@{domain}",
            email_key=email_key(f"{prefix}{number}@{domain}"),
            name=f"김철수{number}",
            city="서울",
            language=language,
        )
        for number in range(count)
    )


def decide(people: list[Contact], decision: Decision, purpose: Purpose = Purpose.MARKETING, at: datetime = NOW) -> None:
    """Let people agree or refuse."""
    entries = ConsentEntry.objects.bulk_create(
        ConsentEntry(contact=person, purpose=purpose, channel=Channel.EMAIL, decision=decision, at=at, source="test")
        for person in people
    )
    ConsentState.objects.bulk_create(
        [
            ConsentState(
                contact_id=entry.contact_id,
                purpose=purpose,
                channel=Channel.EMAIL,
                decision=decision,
                since=at,
                entry=entry,
            )
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["contact", "purpose", "channel"],
        update_fields=["decision", "since", "entry"],
    )


def make_list(people: list[Contact], name: str = "All") -> FixedList:
    """Put people on a list."""
    fixed = FixedList.objects.create(name=name)
    ListMember.objects.bulk_create(ListMember(fixed_list=fixed, contact=person) for person in people)
    return fixed


def make_sender() -> Sender:
    """Make a verified sender."""
    return Sender.objects.create(
        name="웨이페어",
        email="hello@wayfare.example",
        reply_to="answers@wayfare.example",
        organisation="Wayfare Co.",
        postal_address="12 Sejong-daero, Seoul",
        phone="02-123-4567",
        verified_at=NOW - timedelta(days=1),
    )


def make_campaign(people: list[Contact], *, sender: Sender | None = None, **fields: Any) -> Campaign:
    """Make a draft to a list of these people."""
    template = fields.pop("template", None) or make_template()
    chosen = make_list(people, name=f"List {FixedList.objects.count()}")
    return edit.create(
        edit.CampaignFields(
            name="Autumn",
            sender_id=(sender or Sender.objects.first() or make_sender()).pk,
            template_id=template.pk,
            include_lists=(chosen.pk,),
            **fields,
        ),
        by=None,
    )


@pytest.fixture
def smtp(settings: Any, tmp_path: Any) -> Iterator[SmtpServer]:
    """An SMTP server that every mailer sends to."""
    with SmtpServer() as server:
        settings.MAILERS = {"default": server.mailer()}
        settings.JOURNAL_DIR = tmp_path / "journal"
        yield server
