"""Verbs on orders: placing and refunding. Called by pages, imports and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.commerce.models import Order, OrderLine, OrderStatus, Product
from contacts.errors import Invalid
from contacts.ledger.append import NewEvent, append


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
def refund(order_id: int, amount: Decimal, *, seen: Decimal, now: datetime, at: datetime | None = None) -> Order:
    """Give back `amount` of an order (in its currency), at `at` (default `now`).

    `seen` is what the caller believes was given back before. Raises Invalid when that is no longer so (a form posted
    twice), or when `amount` is more than what is left.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    left = order.total - order.refunded
    if seen != order.refunded:
        raise Invalid({"amount": _("Something was given back in the meantime. Look at the order again.")})
    if not amount.is_finite() or not 0 < amount <= left:
        raise Invalid({"amount": _("At most %(left)s can be given back.") % {"left": left}})
    order.refunded += amount
    if order.refunded == order.total:
        order.status = OrderStatus.REFUNDED
    order.save(update_fields=["refunded", "status"])
    _tell(order, "order.refunded", amount, at=at or now, key=f"{order.key}:{order.refunded}", now=now)
    return order


def _tell(order: Order, kind: str, amount: Decimal, *, at: datetime, key: str, now: datetime, **facts: Any) -> None:
    """Append the event; its value is left out when the order is in another currency than the company's."""
    same = order.currency == settings.COMPANY_CURRENCY
    event = NewEvent(
        order.contact_id,
        kind,
        at,
        subject=("order", str(order.pk)),
        value=amount if same else None,
        properties={"order": order.key, "amount": str(amount), "currency": order.currency, **facts},
        key=key,
    )
    append([event], source=kind, now=now)
