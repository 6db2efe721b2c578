"""What OnNote gave back: whole orders that came back to it, and a part of some others. Before the orders are stored."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from contacts.commerce.models import Order, OrderLine, OrderRefund, OrderStatus
from contacts.ledger.append import NewEvent
from crm.team.models import User

_SEED = 20261124  # of its own, so that nothing else of the demo changes with it
_PARTLY = 0.02  # of the orders with more than one product
_AFTER = timedelta(days=5)
_WHOLE = ("단순 변심 반품", "주문 실수", "선물 받은 분이 이미 갖고 있음")
_PART = ("한 개가 파손되어 도착", "품절 상품 부분 취소", "색상 오배송")


@dataclass
class Refunds:
    """The money given back, one row each time."""

    by: User
    rows: list[OrderRefund] = field(default_factory=list)

    def write(self) -> list[NewEvent]:
        """Store the refunds of stored orders and return their events."""
        OrderRefund.objects.bulk_create(self.rows)
        return [_told(row) for row in self.rows]


def give_back(whole: Collection[Order], lines: Collection[OrderLine], by: User, now: datetime) -> Refunds:
    """Give back all of `whole` and one product of some of the other orders of `lines`, on the orders themselves."""
    rng, refunds = Random(_SEED), Refunds(by)  # noqa: S311 - the same data every time is the point
    for order in whole:
        _refund(refunds, order, order.total, rng.choice(_WHOLE))
        order.status = OrderStatus.REFUNDED
    for line in lines:
        drawn = rng.random() < _PARTLY
        order, price = line.order, line.unit_price * line.quantity
        if drawn and not order.refunded and price < order.total and order.placed_at + _AFTER < now:
            _refund(refunds, order, price, rng.choice(_PART))
    return refunds


def _refund(refunds: Refunds, order: Order, amount: Decimal, reason: str) -> None:
    order.refunded = amount
    row = OrderRefund(order=order, amount=amount, reason=reason, at=order.placed_at + _AFTER, by=refunds.by)
    refunds.rows.append(row)


def _told(row: OrderRefund) -> NewEvent:
    order = row.order
    assert order.contact_id  # the demo erases nobody
    facts = {"order": order.key, "amount": str(row.amount), "currency": order.currency, "reason": row.reason}
    who = {"by": row.by_id}
    subject = ("order", str(order.pk))
    return NewEvent(
        order.contact_id, "order.refunded", row.at, subject=subject, value=row.amount, properties=facts | who
    )
