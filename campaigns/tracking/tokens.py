"""The token of one mail, and every address built on it. Called by rendering; read by tracking and the public pages.

One token serves all links of a mail, so that a mail costs one signature. It never expires: an opt-out must always work.
"""

import functools
from typing import NamedTuple

from django.conf import settings

from crm.kit.tokens import BadToken, Signer

HONEYPOT = 0  # the number of a link that no person can see; only a machine follows it


class MailToken(NamedTuple):
    """Whose mail it is: row ids of the dispatch, the message and the contact it was written for."""

    dispatch_id: int
    message_id: int
    contact_id: int


@functools.cache
def _signer() -> Signer:
    return Signer("mail")


def mail_token(dispatch_id: int, message_id: int, contact_id: int) -> str:
    """Return the token of one mail, some 20 letters that are safe in an address. About 3 µs."""
    return _signer().make(dispatch_id, message_id, contact_id)


def read_mail_token(token: str) -> MailToken:
    """Return what the token says. Raises BadToken when a letter was altered."""
    numbers = _signer().read(token)
    if len(numbers) != 3:
        raise BadToken("not the token of a mail")
    return MailToken(*numbers)


def open_url(token: str) -> str:
    """Return the address of the picture that tells of an opening."""
    return f"{settings.BASE_URL}/t/o/{token}.gif"


def click_url(token: str, number: int) -> str:
    """Return the address that leads on to link `number` of the mail; HONEYPOT leads nowhere."""
    return f"{settings.BASE_URL}/t/c/{token}/{number}"


def unsubscribe_url(token: str) -> str:
    """Return the opt-out page, which is also the one-click address of the List-Unsubscribe header."""
    return f"{settings.BASE_URL}/u/{token}"


def preferences_url(token: str) -> str:
    """Return the page on which a person says what may be sent, and how."""
    return f"{settings.BASE_URL}/p/{token}"


def view_url(token: str) -> str:
    """Return the page that shows the mail in a browser."""
    return f"{settings.BASE_URL}/v/{token}"
