"""The headers of a campaign's mail. The library encodes what is not ASCII; addresses of ours are written as they are.

The library folds a long address without spaces into encoded words, which would break List-Unsubscribe: so those lines
are our own, checked to be ASCII without line breaks.
"""

import re
from base64 import b64encode
from datetime import datetime
from email.utils import format_datetime, formataddr
from functools import lru_cache

from campaigns.rendering.links import MARK
from campaigns.rendering.quoted import clean
from campaigns.templating.models import MailKind
from campaigns.tracking.tokens import unsubscribe_url

ADVERTISEMENT = "(광고) "
_SHORT_ASCII = re.compile(r"[ -~]{0,60}")
_WORD = 39  # bytes of an encoded word: with "Subject: " before it the line stays within 76


def one_line(text: str) -> str:
    """Return the text on one line with single spaces: nothing in a value can start a new header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def is_one_line(text: str) -> bool:
    """Tell whether `one_line` would leave the text as it is."""
    return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "


@lru_cache(maxsize=65_536)
def encoded_words(text: str) -> bytes:
    """Return text as encoded words (RFC 2047), folded; any text may follow after a fold without a space.

    Ours, since the library needs 17 µs for a name, and names differ from mail to mail. A letter is never cut in two.
    """
    raw, words = text.encode("utf-8", "replace"), []
    while len(raw) > _WORD:
        end = next(end for end in range(_WORD, 0, -1) if raw[end] & 0xC0 != 0x80)
        words.append(raw[:end])
        raw = raw[end:]
    return b"\r\n ".join(b"=?utf-8?b?" + b64encode(word) + b"?=" for word in [*words, raw])


def subject_line(text: str) -> bytes:
    """Return a Subject header line (without its line break) for one whole subject."""
    text = one_line(text)
    if _SHORT_ASCII.fullmatch(text) and "=?" not in text:
        return b"Subject: " + text.encode("ascii")
    return b"Subject: " + encoded_words(text)


def marked(subject: str, kind: str) -> str:
    """Return the subject with the mark of advertising in front, put there by the sender whatever the author wrote."""
    return ADVERTISEMENT + subject if kind == MailKind.ADVERTISING else subject


def address(name: str, email: str) -> str:
    """Return "name <email>" with a name that cannot break the line."""
    return formataddr((one_line(clean(name)), one_line(email)))


def date_line(now: datetime) -> bytes:
    """Return the Date header line."""
    return b"Date: " + format_datetime(now).encode("ascii")


def message_id(token: str, sender_email: str) -> str:
    """Return the Message-ID of a mail: the same for every try, read back by webhooks."""
    return f"<m.{token}@{sender_email.rpartition('@')[2]}>"


def list_lines(sender_id: int, sender_email: str) -> list[str]:
    """Return List-Id and the two headers of RFC 8058, with MARK for the person's token."""
    return [
        f"List-Id: <s{sender_id}.list.{sender_email.rpartition('@')[2]}>",
        f"List-Unsubscribe: <{unsubscribe_url(MARK)}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]
