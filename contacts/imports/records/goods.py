"""Rows of products: filled in and changed by key; an empty cell changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from contacts.commerce import bulk
from contacts.commerce.models import Product
from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan
from contacts.imports.records.case import Case, Outcome, Row, Trace
from contacts.imports.records.companies import stored

_WORDS = ("name", "brand", "category", "picture", "url")


class Goods:
    """What a range of products does: `judge` only reads, `write` makes and changes products."""

    def __init__(self, _job: ImportJob, _plan: Plan, _now: datetime) -> None:
        self._there: dict[str, Product] = {}

    def judge(self, cases: Sequence[Case], *, lock: bool) -> None:
        """Say of each case whether its product is new, changed or neither; `lock` when it will be written."""
        self._there = bulk.products_by_key([case.key for case in cases], lock=lock)
        for case in cases:
            there = self._there.get(case.key)
            case.news = _news(there, case) if there else {}
            case.outcome = Outcome.NEW if there is None else Outcome.CHANGED if case.news else Outcome.SAME

    def write(self, cases: Sequence[Case]) -> Trace:
        """Make the new products and change the others. Raises IntegrityError when another made one meanwhile."""
        new = [Product(key=case.key, **_said(case.first)) for case in cases if case.outcome == Outcome.NEW]
        made = bulk.make_products(new)
        changed = [(self._there[case.key], case) for case in cases if case.outcome == Outcome.CHANGED]
        before = [["product", there.pk, stored(case.news)] for there, case in changed]
        bulk.change_products([(there, _said(case.first)) for there, case in changed])
        return Trace(products=[product.pk for product in made], changed=before)


def _said(row: Row) -> dict[str, Any]:
    price = {"price": Decimal(row["price"])} if "price" in row else {}
    return {name: row[name] for name in _WORDS if name in row} | price


def _news(there: Product, case: Case) -> dict[str, list[Any]]:
    """Return [before, after] of what the row says otherwise."""
    said = _said(case.first)
    return {name: [getattr(there, name), value] for name, value in said.items() if getattr(there, name) != value}
