"""Orders: placed once, refunded at most whole, and their events."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from contacts.commerce import orders
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile, save
from contacts.errors import Invalid
from contacts.ledger.queries import timeline
from contacts.models import Order, OrderLine, Product

pytestmark = pytest.mark.django_db


@pytest.fixture
def cup(db):
    return save(ProductProfile(key="CUP", name="Cup", price=Decimal(5000)))


@pytest.fixture
def order(crowd, cup, now):
    return orders.place("O-1", crowd.kim.pk, [Line(cup, 3, Decimal(5000))], placed_at=now, now=now)


def told(contact):
    found = timeline([contact.pk], kinds=["order.placed", "order.refunded"])
    return [(event.kind, event.value) for event in reversed(found)]


def test_same_key_is_the_same_order(crowd, cup, order, now):
    again = orders.place("O-1", crowd.kim.pk, [Line(cup, 9, Decimal(1))], placed_at=now, now=now)
    assert (again.pk, again.total) == (order.pk, 15000)
    assert OrderLine.objects.count() == 1
    assert told(crowd.kim) == [("order.placed", Decimal(15000))]


def test_refund_is_bounded_and_told(crowd, order, now):
    orders.refund(order.pk, Decimal(5000), seen=Decimal(0), now=now)
    with pytest.raises(Invalid):  # the same form again
        orders.refund(order.pk, Decimal(5000), seen=Decimal(0), now=now)
    for amount in ("10001", "0", "-1", "NaN", "Infinity"):
        with pytest.raises(Invalid):
            orders.refund(order.pk, Decimal(amount), seen=Decimal(5000), now=now)
    order.refresh_from_db()
    assert (order.refunded, order.status) == (5000, "placed")
    orders.refund(order.pk, Decimal(10000), seen=Decimal(5000), now=now)
    order.refresh_from_db()
    assert (order.refunded, order.status) == (15000, "refunded")
    assert told(crowd.kim) == [("order.placed", 15000), ("order.refunded", 5000), ("order.refunded", 10000)]


def test_other_currency_has_no_value_for_us(crowd, cup, now):
    orders.place("O-2", crowd.kim.pk, [Line(cup, 1, Decimal("9.50"))], placed_at=now, currency="USD", now=now)
    event = timeline([crowd.kim.pk], kinds=["order.placed"])[0]
    assert (event.value, event.properties["amount"], event.properties["currency"]) == (None, "9.50", "USD")


@pytest.mark.parametrize("lines", [[], [(0, 5)], [(-1, 5)], [(1, -5)]])
def test_order_without_sense_is_refused(crowd, cup, now, lines):
    rows = [Line(cup, quantity, Decimal(price)) for quantity, price in lines]
    with pytest.raises(Invalid):
        orders.place("O-3", crowd.kim.pk, rows, placed_at=now, now=now)
    assert Order.objects.count() == 0


def test_database_itself_refuses_too_big_a_refund(order):
    with pytest.raises(IntegrityError, match="order_refund_within_total"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(refunded=15001)


def test_product_key_is_taken_once(cup, team, as_):
    data = {"key": "CUP", "name": "Other", "token": str(uuid4())}
    answer = as_(team.mina).post("/products/new/", data)
    assert answer.status_code == 400
    assert Product.objects.count() == 1
    with pytest.raises(Invalid):
        save(ProductProfile(key="CUP", name="Other"))


def test_refund_page_refuses_words(order, team, as_):
    as_(team.mina).post(f"/orders/{order.pk}/refund/", {"amount": "a lot", "seen": "0"})
    assert Order.objects.get().refunded == 0
