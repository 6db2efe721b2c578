"""How a receiver knows that a call is ours: the headers of Standard Webhooks (standardwebhooks.com)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings


def key_of(purpose: str, secret: str = "") -> bytes:
    """Return the key for one purpose: made from SECRET_KEY (or `secret`), so that no key is kept in the database."""
    return hmac.new((secret or settings.SECRET_KEY).encode(), purpose.encode(), hashlib.sha256).digest()


def secret_of(key: bytes) -> str:
    """Return a key as the receiver keeps it."""
    return "whsec_" + base64.b64encode(key).decode()


def headers(keys: Sequence[bytes], number: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a call, signed with each of `keys` (more than one while a secret is changed).

    `number` is the same whenever the call is repeated, so that a receiver sees repeats.
    """
    stamp = str(int(now.timestamp()))
    message = b".".join([number.encode(), stamp.encode(), body])
    signed = [base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Wayfare",
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signed),
    }
