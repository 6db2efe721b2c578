"""When the contracts of the demo's companies end, what they are worth, and how likely it is that they go on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from contacts.people.models import Account

_SEED = 20261123  # of its own, so that nothing else of the demo changes with it
_SIGNED = 0.8  # of all companies
_SOON = (9, 16, 23, 27)  # days from today: one for the first company of each owner, and of those without one
_JUDGED = timedelta(days=120)  # nobody guesses earlier than that
_SEAT = Decimal(96_000)
_EPOCH = date(1970, 1, 1)
_FIELDS = ("contract_end", "renewal_value", "renewal_probability", "attributes")


def agree(accounts: Sequence[Account], now: datetime) -> None:
    """Give stored companies their contracts; whoever owns some has one that ends soon."""
    rng, today = Random(_SEED), timezone.localdate(now)  # noqa: S311 - the same data every time is the point
    soon = {account: today + timedelta(days=days) for account, days in zip(_firsts(accounts), _SOON, strict=False)}
    for account in accounts:
        planned = _EPOCH + timedelta(days=account.attributes["renewal"])
        signed, seats, chance = rng.random() < _SIGNED, rng.choice((5, 12, 30, 60)), rng.choice((20, 40, 60, 75, 90))
        if signed or account in soon:
            account.contract_end = soon.get(account, planned)
            account.attributes = {**account.attributes, "renewal": (account.contract_end - _EPOCH).days}
            account.renewal_value = _SEAT * seats
            account.renewal_probability = chance if account.contract_end - today <= _JUDGED else None
    Account.objects.bulk_update(accounts, _FIELDS)


def _firsts(accounts: Sequence[Account]) -> list[Account]:
    """Return the first company of each owner, and the first that nobody owns."""
    firsts: dict[int | None, Account] = {}
    for account in accounts:
        firsts.setdefault(account.owner_id, account)
    return list(firsts.values())
