"""Orders: placed once, refunded at most whole, and their events."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from contacts.commerce import orders, queries
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile, save
from contacts.errors import Invalid
from contacts.habits.buyers import rank
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
    answer = as_(team.mina).post(f"/orders/{order.pk}/refund/", {"amount": "a lot", "seen": "0", "reason": "broken"})
    assert answer.status_code == 400
    assert 'value="a lot"' in answer.content.decode()
    assert 'value="broken"' in answer.content.decode()
    assert Order.objects.get().refunded == 0


def test_refund_keeps_who_and_why(order, team, now):
    orders.refund(order.pk, Decimal(4000), seen=Decimal(0), reason=" broken  cup ", by=team.cleo, now=now)
    assert list(order.refunds.values_list("amount", "reason", "by")) == [(4000, "broken cup", team.cleo.pk)]
    event = timeline([order.contact_id], kinds=["order.refunded"])[0]
    assert (event.properties["reason"], event.properties["by"]) == ("broken cup", team.cleo.pk)
    for reason in ("a\0b", "x" * 301):
        with pytest.raises(Invalid):
            orders.refund(order.pk, Decimal(1), seen=Decimal(4000), reason=reason, by=team.cleo, now=now)
    assert order.refunds.count() == 1


def test_cancelled_order_counts_nowhere_and_is_cancelled_once(crowd, cup, order, team, now):
    orders.refund(order.pk, Decimal(4000), seen=Decimal(0), now=now)
    assert orders.cancel(order.pk, reason="double", by=team.mina, now=now)
    assert not orders.cancel(order.pk, by=team.mina, now=now)
    event = timeline([crowd.kim.pk], kinds=["order.cancelled"])[0]
    assert (event.value, event.properties["reason"]) == (11000, "double")
    with pytest.raises(Invalid):
        orders.refund(order.pk, Decimal(1), seen=Decimal(4000), now=now)
    assert rank(now) == 0
    assert queries.products_page("", "").rows[0].sold == 0


def test_order_given_back_whole_is_not_cancelled(order, now):
    orders.refund(order.pk, Decimal(15000), seen=Decimal(0), now=now)
    with pytest.raises(Invalid):
        orders.cancel(order.pk, now=now)
    assert Order.objects.get().status == "refunded"


def test_order_by_hand_is_written_once(crowd, cup, team, as_):
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/order/"
    data = {"placed_at": "2026-11-20T10:00", "token": str(uuid4()), "product": ["CUP · Cup", "CUP", ""],
            "quantity": ["2", "1", "1"], "price": ["", "4,500", ""]}  # fmt: skip
    assert client.get(url).status_code == 200
    first, second = (client.post(url, data).url for _ in range(2))
    assert first == second
    order = Order.objects.get()
    assert (order.contact, order.total) == (crowd.kim, 14500)
    assert sorted(order.lines.values_list("quantity", "unit_price")) == [(1, 4500), (2, 5000)]
    assert client.get(first).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"product": ["TEA"]}, "Row 1: there is no such product"),
        ({"quantity": ["0"]}, "Row 1: pieces are a whole number"),
        ({"price": ["NaN"]}, "Row 1: this is no amount"),
        ({"product": [""]}, "at least one product"),
        ({"key": "O-1"}, "Another order has this number"),
        ({"placed_at": "2999-01-01T00:00"}, "This is in the future"),
        ({"placed_at": "soon"}, "Enter a valid date/time"),
    ],
)
def test_wrong_order_by_hand_keeps_what_was_typed(crowd, order, team, as_, wrong, words):
    data = {"placed_at": "2026-11-20T10:00", "product": ["CUP"], "quantity": ["2"], "price": [""], **wrong}
    answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/order/", data)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert f'value="{data["quantity"][0]}"' in answer.content.decode() or wrong == {"product": [""]}
    assert Order.objects.count() == 1


def test_list_is_filtered(crowd, cup, order, team, as_, now):
    orders.place("O-2", crowd.lee.pk, [Line(cup, 1, Decimal(900))], placed_at=now - timedelta(days=9), now=now)
    orders.cancel(Order.objects.get(key="O-2").pk, now=now)

    def keys(query, who=team.mina):
        return [row.key for row in as_(who).get(f"/orders/?{query}").context["page"].rows]

    assert keys("") == ["O-1", "O-2"]
    assert keys("status=cancelled") == ["O-2"]
    assert keys("from=2026-11-15") == ["O-1"]
    assert keys("to=2026-11-15") == ["O-2"]
    assert keys("least=901&most=15,000") == ["O-1"]
    assert keys(f"product={cup.pk}&person={crowd.lee.pk}") == ["O-2"]
    assert keys(f"account={crowd.kim.account_id}") == ["O-1"]
    assert keys("", team.rob) == ["O-1"]


@pytest.mark.parametrize("query", ["status=magic", "from=soon", "least=x", "product=-1", "account=9e9", "cursor=x"])
def test_filter_that_is_not_understood_shows_nobody(order, team, as_, query):
    answer = as_(team.mina).get(f"/orders/?{query}")
    assert answer.status_code == 400
    assert list(answer.context["page"].rows) == []


def test_rep_gives_nothing_back(order, team, as_):
    assert as_(team.rob).post(f"/orders/{order.pk}/refund/", {"amount": "1", "seen": "0"}).status_code == 403
    assert as_(team.rita).post(f"/orders/{order.pk}/cancel/").status_code == 404
    order.refresh_from_db()
    assert (order.refunded, order.status) == (0, "placed")


def test_two_who_edit_a_product_choose_field_by_field(cup, team, as_):
    client, url = as_(team.mina), f"/products/{cup.pk}/edit/"
    shown = client.get(url).context["form"]
    data = {field.html_name: field.value() for field in shown if field.value() not in (None, "")}
    assert client.post(url, {**data, "name": "Mug", "brand": "Theirs"}).status_code == 302
    asked = client.post(url, {**data, "name": "Beaker", "category": "Mine"})
    assert asked.status_code == 409
    assert [
        (row.label, row.before, row.theirs, row.typed, row.clash, row.mine) for row in asked.context["differences"]
    ] == [
        ("Name", "Cup", "Mug", "Beaker", True, True),
        ("Brand", "", "Theirs", "", False, False),
        ("Category", "", "", "Mine", False, True),
    ]
    assert Product.objects.get().name == "Mug"
    again = dict(asked.context["typed_again"]) | {"merge": "1", "version": "2", "seen": asked.context["seen"]}
    again |= {"take-name": "theirs", "theirs-name": "Mug", "take-brand": "theirs", "theirs-brand": "Theirs"}
    assert client.post(url, {**again, "take-category": "mine"}).status_code == 302
    product = Product.objects.get()
    assert (product.name, product.brand, product.category, product.version) == ("Mug", "Theirs", "Mine", 3)
