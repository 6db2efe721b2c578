"""Many products and orders at once, a statement or two for each step whatever their number. Called by imports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from contacts.commerce.models import Order, OrderLine, OrderRefund, OrderStatus, Product
from contacts.commerce.orders import event_of
from contacts.ledger.append import NewEvent, append
from contacts.segments.touching import touch

_BUYERS = """
SELECT o.contact_id FROM contacts_orderline l JOIN contacts_order o ON o.id = l.order_id
WHERE l.product_id = ANY(%s) AND o.contact_id IS NOT NULL
"""
_FREE = """
DELETE FROM event_key k USING unnest(%(orders)s::text[]) AS o(key)
WHERE k.source IN ('order.placed', 'order.refunded', 'order.cancelled')
  AND k.key >= o.key AND k.key < o.key || ';' AND (k.key = o.key OR k.key LIKE o.key || ':%%')
"""
_EDITABLE = ("name", "brand", "category", "price", "picture", "url")


@dataclass(frozen=True)
class Piece:
    """One product of a sale by its key; `name` is what it is called if it must be made."""

    key: str
    name: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class Sale:
    """An order to be placed, prices in `currency`."""

    key: str
    contact_id: int
    placed_at: datetime
    currency: str
    pieces: Sequence[Piece]

    @property
    def total(self) -> Decimal:
        """Return what it costs in all."""
        return sum((piece.unit_price * piece.quantity for piece in self.pieces), Decimal(0))


@dataclass(frozen=True)
class Stock:
    """The products of some sales by their keys, and the ids of those that were made for them."""

    by_key: Mapping[str, Product]
    made: list[int]


def products_by_key(keys: Sequence[str], *, lock: bool = False) -> dict[str, Product]:
    """Return the products that are there, locked in the order of their ids if wanted."""
    found = Product.objects.filter(key__in=keys).order_by("pk")
    return {product.key: product for product in (found.select_for_update() if lock else found)}


def orders_by_key(keys: Sequence[str], *, lock: bool = False) -> dict[str, Order]:
    """Return the orders that are there, locked in the order of their ids if wanted."""
    found = Order.objects.filter(key__in=keys).order_by("pk")
    return {order.key: order for order in (found.select_for_update() if lock else found)}


def make_products(products: Sequence[Product]) -> list[Product]:
    """Insert products and return them with their ids. Raises IntegrityError when a key is taken."""
    return Product.objects.bulk_create(products)


def change_products(changes: Sequence[tuple[Product, Mapping[str, Any]]]) -> None:
    """Give locked products new values by column; their buyers are looked at anew when brand or category moved."""
    moved = []
    for product, values in changes:
        if any(getattr(product, name) != values.get(name, getattr(product, name)) for name in ("brand", "category")):
            moved.append(product.pk)
        for name, value in values.items():
            setattr(product, name, value)
        product.version += 1
    columns = [*_EDITABLE, "version"]
    products = [product for product, _values in changes]
    Product.objects.bulk_create(products, update_conflicts=True, unique_fields=["id"], update_fields=columns)
    if moved:
        touch("order.placed", _BUYERS, [moved])


def goods_of(pieces: Sequence[Piece]) -> Stock:
    """Return the products of these pieces, made where the key is new. Raises IntegrityError."""
    names: dict[str, str] = {}
    for piece in pieces:
        names[piece.key] = names.get(piece.key) or piece.name
    found = products_by_key(list(names))
    new = [Product(key=key, name=name or key) for key, name in names.items() if key not in found]
    made = make_products(new)
    return Stock(found | {product.key: product for product in made}, [product.pk for product in made])


def place(sales: Iterable[Sale], products: Mapping[str, Product], *, now: datetime) -> list[Order]:
    """Place orders whose keys are new, with their lines and events, and return them. Raises IntegrityError."""
    wanted = list(sales)
    orders = Order.objects.bulk_create(
        Order(
            key=sale.key, contact_id=sale.contact_id, placed_at=sale.placed_at, total=sale.total, currency=sale.currency
        )
        for sale in wanted
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=products[piece.key], quantity=piece.quantity, unit_price=piece.unit_price)
        for order, sale in zip(orders, wanted, strict=True)
        for piece in sale.pieces
    )
    told = [
        event_of(order, "order.placed", order.total, at=sale.placed_at, key=order.key, products=_keys(sale))
        for order, sale in zip(orders, wanted, strict=True)
    ]
    _tell("order.placed", told, now)
    return orders


def give_back(refunds: Iterable[tuple[Order, Decimal, datetime | None]], now: datetime) -> None:
    """Give back these amounts (in each order's currency, 0 for none) of locked orders, at a time or now."""
    due = [(order, amount, at or now) for order, amount, at in refunds if amount]
    for order, amount, _at in due:
        order.refunded += amount
    OrderRefund.objects.bulk_create(OrderRefund(order=order, amount=amount, at=at) for order, amount, at in due)
    _store([order for order, _amount, _at in due], "refunded")
    _tell("order.refunded", [_refund_event(order, amount, at) for order, amount, at in due], now)


def _refund_event(order: Order, amount: Decimal, at: datetime) -> NewEvent | None:
    return event_of(order, "order.refunded", amount, at=at, key=f"{order.key}:{order.refunded}")


def move(orders: Iterable[tuple[Order, str]], now: datetime) -> None:
    """Bring locked orders to these states; the ledger is told of those that are cancelled by it."""
    due = [(order, status) for order, status in orders if order.status != status]
    for order, status in due:
        order.status = status
    changed = [order for order, _status in due]
    _store(changed, "status")
    cancelled = [order for order in changed if order.status == OrderStatus.CANCELLED]
    _tell("order.cancelled", [_cancel_event(order, now) for order in cancelled], now)


def withdraw(orders: Sequence[Order], now: datetime) -> None:
    """Delete locked orders: the ledger is told that they count no more, and their numbers are free again."""
    counting = [order for order in orders if order.status != OrderStatus.CANCELLED]
    _tell("order.cancelled", [_cancel_event(order, now) for order in counting], now)
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"orders": [order.key for order in orders]})
    Order.objects.filter(pk__in=[order.pk for order in orders]).delete()


def _cancel_event(order: Order, now: datetime) -> NewEvent | None:
    """Return what tells that an order counts no more; its value is what was not given back yet."""
    return event_of(order, "order.cancelled", order.total - order.refunded, at=now, key=order.key)


def _store(orders: Sequence[Order], column: str) -> None:
    """One INSERT that meets every row: an UPDATE by the ORM writes a CASE, ten times as slow."""
    Order.objects.bulk_create(orders, update_conflicts=True, unique_fields=["id"], update_fields=[column])


def _keys(sale: Sale) -> list[str]:
    return [piece.key for piece in sale.pieces]


def _tell(source: str, events: Iterable[NewEvent | None], now: datetime) -> None:
    append([event for event in events if event is not None], source=source, now=now)
