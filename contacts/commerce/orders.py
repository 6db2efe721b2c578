"""Verbs on orders: placing, refunding, cancelling. Called by pages, imports and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.commerce.models import Order, OrderLine, OrderRefund, OrderStatus, Product
from contacts.errors import Invalid
from contacts.ledger.append import NewEvent, append
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

LONGEST_REASON = 300  # characters


@dataclass(frozen=True)
class Line:
    """One product of an order; the price is for one piece, in the order's currency."""

    product: Product
    quantity: int
    unit_price: Decimal


@transaction.atomic
def place(
    key: str, contact_id: int, lines: Sequence[Line], *, placed_at: datetime, currency: str = "", now: datetime
) -> Order:
    """Create and return an order, its lines and its event. A repeat with the same key returns the first order.

    Raises Invalid without lines or with a quantity below one.
    """
    if not lines or any(line.quantity < 1 or line.unit_price < 0 for line in lines):
        raise Invalid({"lines": _("An order needs at least one product, each at least once.")})
    total = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    currency = currency or settings.COMPANY_CURRENCY
    order, made = Order.objects.get_or_create(
        key=key, defaults={"contact_id": contact_id, "placed_at": placed_at, "total": total, "currency": currency}
    )
    if made:
        OrderLine.objects.bulk_create(
            OrderLine(order=order, product=line.product, quantity=line.quantity, unit_price=line.unit_price)
            for line in lines
        )
        keys = [line.product.key for line in lines]
        _tell(order, "order.placed", total, at=placed_at, key=key, now=now, products=keys)
    return order


@transaction.atomic
def refund(
    order_id: int,
    amount: Decimal,
    *,
    seen: Decimal,
    reason: str = "",
    by: User | None = None,
    now: datetime,
    at: datetime | None = None,
) -> Order:
    """Give back `amount` of an order (in its currency), at `at` (default `now`), and return the order.

    `seen` is what the caller believes was given back before. Raises Invalid when that is no longer so (a form posted
    twice), when `amount` is more than what is left, and for an order that was cancelled.
    """
    why = _reason(reason)
    order = Order.objects.select_for_update().get(pk=order_id)
    left = order.total - order.refunded
    if order.status == OrderStatus.CANCELLED:
        raise Invalid({"amount": _("This order was cancelled: it counts nowhere any more.")})
    if seen != order.refunded:
        raise Invalid({"amount": _("Something was given back in the meantime. Look at the order again.")})
    if not amount.is_finite() or not 0 < amount <= left:
        raise Invalid({"amount": too_much(left)})
    order.refunded += amount
    if order.refunded == order.total:
        order.status = OrderStatus.REFUNDED
    order.save(update_fields=["refunded", "status"])
    OrderRefund.objects.create(order=order, amount=amount, reason=why, at=at or now, by=by)
    facts = _who(by, why)
    _tell(order, "order.refunded", amount, at=at or now, key=f"{order.key}:{order.refunded}", now=now, **facts)
    return order


@transaction.atomic
def cancel(order_id: int, *, reason: str = "", by: User | None = None, now: datetime) -> bool:
    """Cancel an order: it counts nowhere any more. Return False for one that was cancelled before.

    The event's value is what was not given back yet. Raises Invalid for one that was given back whole.
    """
    why = _reason(reason)
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status == OrderStatus.CANCELLED:
        return False
    if order.status == OrderStatus.REFUNDED:
        raise Invalid({"reason": _("The money of this order was given back already.")})
    order.status = OrderStatus.CANCELLED
    order.save(update_fields=["status"])
    left = order.total - order.refunded
    _tell(order, "order.cancelled", left, at=now, key=order.key, now=now, **_who(by, why))
    return True


def too_much(left: Decimal) -> str:
    """Return the words to whoever gives back more than is left."""
    return _("At most %(left)s can be given back.") % {"left": left}


def _reason(raw: str) -> str:
    try:
        clean = clean_line(raw)
    except ForbiddenCharacter as error:
        raise Invalid({"reason": _("Line breaks and control characters are not allowed here.")}) from error
    if len(clean) > LONGEST_REASON:
        raise Invalid({"reason": _("At most %(limit)d characters, please.") % {"limit": LONGEST_REASON}})
    return clean


def _who(by: User | None, why: str) -> dict[str, Any]:
    return ({"by": by.pk} if by else {}) | ({"reason": why} if why else {})


def _tell(order: Order, kind: str, amount: Decimal, *, at: datetime, key: str, now: datetime, **facts: Any) -> None:
    event = event_of(order, kind, amount, at=at, key=key, **facts)
    append([event] if event else [], source=kind, now=now)


def event_of(order: Order, kind: str, amount: Decimal, *, at: datetime, key: str, **facts: Any) -> NewEvent | None:
    """Return what tells of an order; its value is left out when the order is in another currency than the company's.

    The order of an erased person has nobody to tell it of: None.
    """
    if order.contact_id is None:
        return None
    return NewEvent(
        order.contact_id,
        kind,
        at,
        subject=("order", str(order.pk)),
        value=amount if order.currency == settings.COMPANY_CURRENCY else None,
        properties={"order": order.key, "amount": str(amount), "currency": order.currency, **facts},
        key=key,
    )
