"""Whom a staging install may write to: SEND_ONLY_TO lists addresses and domains, and nothing leaves but to those.

Asked in the claim of the send queue (`condition`), by every mail of the product's own (`deliver`), by outgoing calls.
Without the setting everybody may be written to.
"""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

_SQL = "NOT (lower({column}) = ANY(%(only_addresses)s) OR split_part(lower({column}), '@', 2) = ANY(%(only_domains)s))"


class NotListed(OSError):
    """An address this install may not write to; nothing left."""

    def __init__(self, place: str) -> None:
        text = _("This install sends only to listed addresses (SEND_ONLY_TO), and %(place)s is not among them.")
        super().__init__(text % {"place": place})


def is_limited() -> bool:
    """Tell whether only listed addresses are written to."""
    return bool(settings.SEND_ONLY_TO)


def condition(column: str) -> str:
    """Return SQL that holds for an address that must not be written to; "false" where all may be.

    Its parameters are those of `parameters`.
    """
    return _SQL.format(column=column) if is_limited() else "false"


def parameters() -> dict[str, Any]:
    """Return the parameters of `condition`."""
    listed = [entry.lower() for entry in settings.SEND_ONLY_TO]
    return {
        "only_addresses": [entry for entry in listed if not entry.startswith("@")],
        "only_domains": [entry[1:] for entry in listed if entry.startswith("@")],
    }


def may_receive(address: str) -> bool:
    """Tell whether a mail may go to the address."""
    if not is_limited():
        return True
    address, said = address.lower(), parameters()
    return address in said["only_addresses"] or address.rpartition("@")[2] in said["only_domains"]


def may_call(host: str) -> bool:
    """Tell whether a host may be called: that of a listed domain, or one below it."""
    if not is_limited():
        return True
    return any(host.lower() == domain or host.lower().endswith(f".{domain}") for domain in parameters()["only_domains"])


def deliver(mail: EmailMessage) -> None:
    """Send a mail of the product's own: the one door for all that do not go through the send queue.

    Raises NotListed where one of its recipients is not listed; whatever the mailer raises (OSError, SMTPException).
    """
    for recipient in mail.recipients():
        if not may_receive(recipient):
            raise NotListed(recipient)
    mail.send()
