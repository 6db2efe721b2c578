"""Writing records by the functions that pages and the API call; a repeat of a key changes only what is new."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from contacts.commerce import orders, products
from contacts.commerce.models import Order, OrderStatus, Product
from contacts.commerce.products import ProductProfile
from contacts.consent.models import Suppression, SuppressionReason
from contacts.errors import Invalid
from contacts.imports.models import ImportJob, Kind
from contacts.imports.plan import Plan
from contacts.imports.refusal import Refusal
from contacts.imports.stage import table_of
from contacts.ledger.append import NewEvent, append
from contacts.people.address import email_key
from contacts.people.models import Contact

_RANGE = """
SELECT key, jsonb_agg(data ORDER BY line) FROM {table}
WHERE key IN (SELECT key FROM {table} WHERE line > %s AND line <= %s)
GROUP BY key HAVING min(line) > %s ORDER BY min(line)
"""
_FORWARD = {OrderStatus.PLACED: (), OrderStatus.PAID: ("placed",), OrderStatus.SHIPPED: ("placed", "paid")}
_WORDS = ("name", "brand", "category", "picture", "url")
NEW, CHANGED, SAME = "new", "changed", "same"

type Rows = list[dict[str, Any]]


class Refused(Exception):
    """These rows cannot be written: a code of contacts/imports/reasons.py, and a value."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


@dataclass
class Written:
    """How many records of a range were new, changed, and neither; and the rows that were refused."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((NEW, CHANGED, SAME), 0))
    refusals: list[Refusal] = field(default_factory=list)


def write(job: ImportJob, plan: Plan, after: int, upto: int, now: datetime) -> Written:
    """Write the records that begin in the staged rows after..upto, each whole or not at all; the caller commits."""
    with connection.cursor() as cursor:
        cursor.execute(_RANGE.format(table=table_of(job)), [after, upto, after])
        found = cursor.fetchall()
    done, writer = Written(), _WRITERS[job.kind]
    for _key, text in found:
        rows: Rows = json.loads(text)
        try:
            with transaction.atomic():
                done.counts[writer(job, plan, rows, now)] += 1
        except Refused as refused:
            done.refusals += [_refusal(row, refused) for row in rows]
        except Invalid as error:
            why = Refused("not_accepted", " ".join(map(str, error.errors.values())))
            done.refusals += [_refusal(row, why) for row in rows]
    return done


def _refusal(row: dict[str, Any], why: Refused) -> Refusal:
    text = ", ".join(str(value) for name, value in row.items() if name != "line")
    return (row["line"], True, why.code, "", why.value[:120], text[:2_000])


def _product(_job: ImportJob, _plan: Plan, rows: Rows, _now: datetime) -> str:
    row = rows[0]
    key = row["key"][:80]
    there = Product.objects.filter(key=key).first()
    was = {name: getattr(there, name) for name in (*_WORDS, "price")} if there else {}
    said = {name: row[name] for name in _WORDS if name in row}
    price = {"price": Decimal(row["price"])} if "price" in row else {}
    profile = {**was, **said, **price}
    if there and profile == was:
        return SAME
    products.save(ProductProfile(key=key, **profile), there)
    return CHANGED if there else NEW


def _order(job: ImportJob, plan: Plan, rows: Rows, now: datetime) -> str:
    first = rows[0]
    order = Order.objects.filter(key=first["key"][:80]).first()
    made = order is None
    if order is None:
        person = _person(job, plan, first, now)
        lines = [orders.Line(_bought(row), row.get("quantity", 1), Decimal(row["unit_price"])) for row in rows]
        at, currency = datetime.fromisoformat(first["placed_at"]), first.get("currency", "")
        order = orders.place(first["key"][:80], person, lines, placed_at=at, currency=currency, now=now)
    moved = _settle(order, rows, now)
    return NEW if made else CHANGED if moved else SAME


def _bought(row: dict[str, Any]) -> Product:
    """Return the product of a line, made when its key is new."""
    key = row["product"][:80]
    return Product.objects.filter(key=key).first() or products.save(
        ProductProfile(key=key, name=row.get("product_name") or key)
    )


def _settle(order: Order, rows: Rows, now: datetime) -> bool:
    """Bring refunds and state of an order up to what the file says; never back."""
    state = next((row["status"] for row in reversed(rows) if "status" in row), "")
    back = max((Decimal(row["refunded"]) for row in rows if "refunded" in row), default=Decimal(0))
    if state == OrderStatus.REFUNDED:
        back = order.total
    moved = False
    if back > order.refunded and order.status != OrderStatus.CANCELLED:
        at = next((datetime.fromisoformat(row["refunded_at"]) for row in rows if "refunded_at" in row), None)
        orders.refund(order.pk, back - order.refunded, seen=order.refunded, now=now, at=at)
        moved = True
    if state == OrderStatus.CANCELLED and order.status not in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
        return orders.cancel(order.pk, now=now) or moved
    before = _FORWARD.get(OrderStatus(state), ()) if state else ()
    return bool(before and Order.objects.filter(pk=order.pk, status__in=before).update(status=state)) or moved


def _event(job: ImportJob, plan: Plan, rows: Rows, now: datetime) -> str:
    row = rows[0]
    person = _person(job, plan, row, now)
    facts = {"name": row["title"], "title": row["title"]} if "title" in row else {}
    value = Decimal(row["value"]) if "value" in row else None
    at = datetime.fromisoformat(row["at"])
    event = NewEvent(person, row["kind"], at, value=value, properties=facts, key=row["key"])
    return NEW if append([event], source="import.events", now=now) else SAME


def _person(job: ImportJob, plan: Plan, row: dict[str, Any], now: datetime) -> int:
    """Return the person behind an address, made when wanted. Raises Refused."""
    key = email_key(row["email"])
    found = Contact.objects.filter(email_key=key).order_by("merged_into_id", "pk").first()
    if found is not None:
        return found.merged_into_id or found.pk
    if not plan.makes_people:
        raise Refused("unknown_person", row["email"])
    if Suppression.objects.filter(email_key=key, reason=SuppressionReason.ERASED).exists():
        raise Refused("erased")
    made = Contact.objects.create(
        email=row["email"], email_key=key, name=row.get("name", "") if job.kind == Kind.ORDERS else "",
        source="import", created_at=now, updated_at=now,
    )  # fmt: skip
    append([NewEvent(made.pk, "contact.created", now, subject=("import", str(job.pk)))], source="import", now=now)
    return made.pk


_WRITERS: dict[str, Callable[[ImportJob, Plan, Rows, datetime], str]] = {
    Kind.PRODUCTS: _product, Kind.ORDERS: _order, Kind.EVENTS: _event
}  # fmt: skip
