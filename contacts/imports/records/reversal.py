"""Taking back what a range did with orders and products, piece by piece. What changed since stays, and is counted."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from contacts.commerce import bulk
from contacts.commerce.models import Order, Product
from contacts.imports.models import ImportRange
from contacts.imports.undo import Undone
from contacts.people import accounts
from contacts.people.accounts import AccountProfile
from contacts.people.models import Account

AT_ONCE = 250  # orders removed in one transaction

type _Change = tuple[int, dict[str, list[Any]]]


def has_orders(row: ImportRange) -> bool:
    """Tell whether orders of the range are still to be removed: they go before the people who placed them."""
    return bool(row.records.get("orders"))


def remove_orders(row: ImportRange, now: datetime) -> Undone:
    """Remove some of the orders that the range made, in the caller's transaction, unless they went on since."""
    made = row.records["orders"]
    piece, row.records["orders"] = made[:AT_ONCE], made[AT_ONCE:]
    row.save(update_fields=["records"])
    as_made = {number: (status, Decimal(refunded)) for number, status, refunded in piece}
    there = list(Order.objects.select_for_update().filter(pk__in=as_made).order_by("pk"))
    still = [order for order in there if as_made[order.pk] == (order.status, order.refunded)]
    bulk.withdraw(still, now)
    return Undone(records_removed=len(still), records_kept=len(there) - len(still))


def undo(row: ImportRange, now: datetime) -> Undone:
    """Remove products and companies that the range made and nobody used or changed; changed ones get their values back.

    Runs in the caller's transaction, after the orders of the range are gone.
    """
    made = row.records.get("products", [])
    orphans = Product.objects.filter(pk__in=made, version=1, order_lines=None)
    unused = list(orphans.values_list("pk", flat=True))
    Product.objects.filter(pk__in=unused).delete()
    companies = row.records.get("accounts", [])
    alone = Account.objects.filter(pk__in=companies, version=1, contacts=None, notes=None, files=None, children=None)
    empty = list(alone.values_list("pk", flat=True))
    Account.objects.filter(pk__in=empty).delete()
    reverted = sum(
        _REVERT[table]([(number, news)], now) for table, number, news in reversed(row.records.get("changed", []))
    )
    kept = Product.objects.filter(pk__in=made).count() + Account.objects.filter(pk__in=companies).count()
    since = len(row.records.get("changed", [])) - reverted
    return Undone(
        records_removed=len(unused) + len(empty),
        records_kept=kept,
        records_reverted=reverted,
        records_changed_since=since,
    )


def _products(changes: list[_Change], _now: datetime) -> int:
    there = Product.objects.select_for_update().in_bulk([number for number, _news in changes])
    back = []
    for number, news in changes:
        if (product := there.get(number)) and (values := _before(product, news)):
            back.append((product, values))
    bulk.change_products(back)
    return len(back)


def _companies(changes: list[_Change], now: datetime) -> int:
    there = Account.objects.select_for_update().in_bulk([number for number, _news in changes])
    back = []
    for number, news in changes:
        if (account := there.get(number)) and (values := _before(account, news)):
            profile = {part.name: getattr(account, part.name) for part in fields(AccountProfile)}
            back.append((account, AccountProfile(**{**profile, **values})))
    accounts.change_many(back, now=now)
    return len(back)


def _before(row: Any, news: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the old values of what still holds what the import wrote."""
    column = {field.attname: field for field in row._meta.concrete_fields}
    found = {name: [column[name].to_python(value) for value in pair] for name, pair in news.items()}
    return {name: old for name, (old, new) in found.items() if getattr(row, name) == new}


_REVERT: dict[str, Callable[[list[_Change], datetime], int]] = {"product": _products, "account": _companies}
