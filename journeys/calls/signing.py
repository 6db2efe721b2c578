"""How a receiver knows that a call is ours: the headers of Standard Webhooks, a secret for each host."""

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from crm.kit.outgoing import read_url


def _key(url: str) -> bytes:
    host = read_url(url).host.lower()
    return hmac.new(settings.SECRET_KEY.encode(), b"webhook:" + host.encode(), hashlib.sha256).digest()


def secret_of(url: str) -> str:
    """Return what the receiver keeps, as Standard Webhooks writes it. Raises CallFailed for no web address."""
    return "whsec_" + base64.b64encode(_key(url)).decode()


def headers(url: str, number: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a call; `number` is the same whenever it is repeated, so that a receiver sees repeats."""
    stamp = str(int(now.timestamp()))
    signed = hmac.new(_key(url), b".".join([number.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Wayfare",
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
