"""Texts that others gave us in secret and that must be used again as they are: sealed in the database, read by few.

The key is made from SECRET_KEY and a purpose, so a dump alone tells nothing (docs/decisions/sealing.md).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from crm.kit.signing import key_of


class BrokenSeal(Exception):
    """The text was not sealed for this purpose with a key that is known: SECRET_KEY was changed, or it was tampered."""


def seal(text: str, purpose: str) -> str:
    """Return `text` encrypted and signed; "" stays ""."""
    return _box(purpose).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str, purpose: str) -> str:
    """Return what was sealed for `purpose`. Raises BrokenSeal."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise BrokenSeal(purpose) from error


def _box(purpose: str) -> MultiFernet:
    """Return what seals with SECRET_KEY and opens with it or one of SECRET_KEY_FALLBACKS."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key_of(purpose, str(secret)))) for secret in secrets])
