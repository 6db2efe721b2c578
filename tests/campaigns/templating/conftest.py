"""A marketer, a sender and a mail made of every block, in two languages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.templating import versions
from campaigns.templating.models import MailKind, MailTemplate
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "text": "Hello {{ contact.name | default: 'friend' }} & co", "size": "large"},
    {"kind": "text", "text": "Some **bold** words and a [link](https://example.com/a?b=1&c=2).\n\n- one\n- two"},
    {"kind": "picture", "src": "https://example.com/a.png", "alt": 'A "quoted" picture', "url": "https://example.com/p"},
    {"kind": "columns", "left": [{"kind": "text", "text": "Left {{ contact.city }}"}],
     "right": [{"kind": "button", "text": "Right", "url": "https://example.com/r"}]},
    {"kind": "divider"},
    {"kind": "button", "text": "Go", "url": "https://example.com/go", "align": "center"},
    {"kind": "footer", "note": "See you **soon**."},
]  # fmt: skip


def content(**changes: Any) -> dict[str, Any]:
    """Return the JSON of a mail in English and Korean; `changes` go into the English variant."""
    english = {"subject": "News for {{ contact.company | default: 'you' }}", "preheader": "In short", "blocks": BLOCKS}
    korean = {"subject": "{{ contact.name | nim }}, 새 소식", "preheader": "", "blocks": BLOCKS}
    return {"default": "ko", "languages": {"en": english | changes, "ko": korean}}


@pytest.fixture
def alice() -> User:
    """A marketer."""
    return User.objects.create_user("alice@example.com", "pw", name="Alice", role=Role.MARKETER)


@pytest.fixture
def news(alice: User) -> MailTemplate:
    """A template with a draft and no version."""
    return versions.create("News", MailKind.ADVERTISING, content(), by=alice, now=NOW)
