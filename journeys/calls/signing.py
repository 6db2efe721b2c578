"""The signature of a step's call: a secret for each host."""

from datetime import datetime

from crm.kit import signing
from crm.kit.outgoing import read_url


def _key(url: str) -> bytes:
    return signing.key_of("webhook:" + read_url(url).host.lower())


def secret_of(url: str) -> str:
    """Return what the receiver keeps, as Standard Webhooks writes it. Raises CallFailed for no web address."""
    return signing.secret_of(_key(url))


def headers(url: str, number: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a call; `number` is the same whenever it is repeated, so that a receiver sees repeats."""
    return signing.headers([_key(url)], number, body, now)
