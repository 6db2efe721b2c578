"""Rows of orders: an order once by its number, with its lines; later files bring refunds and states, never back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.commerce import bulk
from contacts.commerce.bulk import Piece, Sale
from contacts.commerce.models import Order, OrderStatus
from contacts.commerce.orders import too_much
from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan
from contacts.imports.records.case import Case, Outcome, Refused, Row, Trace
from contacts.imports.records.people import People

_FORWARD = {OrderStatus.PLACED: (), OrderStatus.PAID: ("placed",), OrderStatus.SHIPPED: ("placed", "paid")}
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True)
class _Settled:
    """How an order stands when the file's word is done: its state, what is given back now, and when."""

    status: str
    back: Decimal
    at: datetime | None


class Sales:
    """What a range of orders does: `judge` only reads, `write` places and settles them."""

    def __init__(self, job: ImportJob, plan: Plan, now: datetime) -> None:
        self._job, self._plan, self._now = job, plan, now
        self._settled: dict[str, _Settled] = {}

    def judge(self, cases: Sequence[Case], *, lock: bool) -> None:
        """Say of each case what becomes of its order; `lock` when it will be written."""
        self._there = bulk.orders_by_key([case.key for case in cases], lock=lock)
        self._people = People(case for case in cases if case.key not in self._there)
        for case in cases:
            try:
                case.outcome = self._judge(case)
            except Refused as refused:
                case.refused = refused

    def _judge(self, case: Case) -> Outcome:
        there = self._there.get(case.key)
        if there is None:
            self._people.check(case, makes_people=self._plan.makes_people)
            self._settled[case.key] = _settle(Order(total=_total(case)), case.rows)
            return Outcome.NEW
        after = self._settled[case.key] = _settle(there, case.rows)
        return Outcome.CHANGED if after.back or after.status != there.status else Outcome.SAME

    def write(self, cases: Sequence[Case]) -> Trace:
        """Place the new orders and settle all. Raises IntegrityError when another placed one meanwhile."""
        new = [case for case in cases if case.outcome == Outcome.NEW]
        people = self._people.make(new, self._job, self._now)
        goods = bulk.goods_of([piece for case in new for piece in _pieces(case)])
        placed = bulk.place(map(self._sale, new), goods.by_key, now=self._now)
        changed = [self._there[case.key] for case in cases if case.outcome == Outcome.CHANGED]
        orders = [*placed, *changed]
        settled = [self._settled[order.key] for order in orders]
        bulk.give_back([(order, each.back, each.at) for order, each in zip(orders, settled, strict=True)], self._now)
        bulk.move([(order, each.status) for order, each in zip(orders, settled, strict=True)], self._now)
        made = [[order.pk, order.status, str(order.refunded)] for order in placed]
        return Trace(orders=made, products=goods.made, people=people)

    def _sale(self, case: Case) -> Sale:
        first = case.first
        currency = first.get("currency", "") or settings.COMPANY_CURRENCY
        at = datetime.fromisoformat(first["placed_at"])
        return Sale(case.key, self._people.id_of(case), at, currency, _pieces(case))


def _pieces(case: Case) -> list[Piece]:
    return [
        Piece(row["product"][:80], row.get("product_name", ""), row.get("quantity", 1), Decimal(row["unit_price"]))
        for row in case.rows
    ]


def _total(case: Case) -> Decimal:
    total = sum((piece.unit_price * piece.quantity for piece in _pieces(case)), Decimal(0))
    if total >= _LARGEST:
        raise Refused("not_accepted", _("An order of %(total)s is too large.") % {"total": total})
    return total


def _settle(order: Order, rows: Sequence[Row]) -> _Settled:
    """Return where the file's rows bring an order: refunds and states go forward only. Raises Refused."""
    state = next((row["status"] for row in reversed(rows) if "status" in row), "")
    wanted = max((Decimal(row["refunded"]) for row in rows if "refunded" in row), default=Decimal(0))
    wanted = order.total if state == OrderStatus.REFUNDED else wanted
    back = Decimal(0) if order.status == OrderStatus.CANCELLED else max(wanted - order.refunded, Decimal(0))
    if back > order.total - order.refunded:
        raise Refused("not_accepted", too_much(order.total - order.refunded))
    at = next((datetime.fromisoformat(row["refunded_at"]) for row in rows if "refunded_at" in row), None)
    status = OrderStatus.REFUNDED if back and back == order.total - order.refunded else order.status
    over = status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED)
    if (state == OrderStatus.CANCELLED and not over) or (state and status in _FORWARD.get(OrderStatus(state), ())):
        status = state
    return _Settled(str(status), back, at)
