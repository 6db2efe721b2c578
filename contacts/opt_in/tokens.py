"""The link of a confirmation mail."""

import functools

from contacts.opt_in.models import OptIn
from crm.kit.tokens import BadToken, Signer


@functools.cache
def _signer() -> Signer:
    return Signer("opt-in")


def token_of(row: OptIn) -> str:
    """Return the token of a request, safe in an address."""
    return _signer().make(row.pk)


def request_of(token: str) -> OptIn:
    """Return what a token asks to confirm. Raises BadToken when it was altered or the person was erased."""
    numbers = _signer().read(token)
    row = OptIn.objects.select_related("contact").filter(pk=numbers[0]).first() if len(numbers) == 1 else None
    if row is None:
        raise BadToken("no such request")
    return row
