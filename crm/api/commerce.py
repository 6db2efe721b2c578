"""Products and orders: written by key, refunded, cancelled."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from django.core.validators import URLValidator
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.commerce import orders, products, queries
from contacts.commerce.models import Order, OrderStatus, Product
from contacts.commerce.products import ProductProfile
from contacts.commerce.queries import OrderChoice
from contacts.errors import Invalid, StaleEdit
from contacts.keys import linking
from contacts.keys.models import KeySource
from contacts.people.address import BadAddress, normalise
from contacts.people.models import Contact
from crm.api.fields import Amount, Body, Id, Moment, Text, Whole, several
from crm.api.problems import Refusal, invalid, stale
from crm.api.route import Asked, Door, Listing, Param
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action, require

DOOR = Door("Products and orders", TokenScope.COMMERCE_READ, TokenScope.COMMERCE_WRITE)
_HIGHEST = Decimal(10) ** 12
_WEB = URLValidator(schemes=["http", "https"])


class ProductIn(Body):
    """A product as it is written."""

    key = Text(max_length=80, allow_blank=False)
    name = Text(max_length=200, allow_blank=False)
    brand = Text(max_length=120, required=False)
    category = Text(max_length=120, required=False)
    price = Amount(required=False, allow_null=True)
    picture = Text(max_length=200, required=False, validators=[_WEB], help_text=_("An address."))
    url = Text(max_length=200, required=False, validators=[_WEB], help_text=_("The address of its page."))


class ProductPatch(ProductIn):
    key = Text(max_length=80, allow_blank=False, required=False)
    name = Text(max_length=200, allow_blank=False, required=False)
    version = Whole()


class ProductShown(Body):
    """A product."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    price = serializers.CharField(allow_null=True)
    picture = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()


def _product(row: Product) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("key", "name", "brand", "category", "picture", "url", "version")}
    return {"id": row.pk, **own, "price": None if row.price is None else f"{row.price:.2f}"}


@DOOR.get(
    "products", Action.CONTACT_VIEW, _("List products"), gives=ProductShown, pages=True,
    query=(Param("q", _("Part of name, key or category.")),),
)  # fmt: skip
def list_products(asked: Asked) -> Listing:
    """Return products by name."""
    return Listing.of(queries.products_page(asked.text("q"), asked.cursor, asked.size), _product)


@DOOR.get("products/<row:product_id>", Action.CONTACT_VIEW, _("Read a product"), gives=ProductShown)
def read_product(asked: Asked, product_id: int) -> dict[str, Any]:  # noqa: ARG001 - every role sees products
    """Return one product."""
    return _product(get_object_or_404(Product, pk=product_id))


@DOOR.post(
    "products", Action.PRODUCT_EDIT, _("Add a product, or change the one of this key"), takes=ProductIn,
    gives=ProductShown, example={"key": "cup-blue", "name": "파란 컵", "price": "12000"},
)  # fmt: skip
def write_product(asked: Asked) -> dict[str, Any]:
    """Write a product by its key; a repeat changes nothing."""
    row = Product.objects.filter(key=asked.body["key"]).first()
    return _saved(asked, row)


@DOOR.patch(
    "products/<row:product_id>", Action.PRODUCT_EDIT, _("Change a product"), takes=ProductPatch, gives=ProductShown,
    refuses=(409,), example={"version": 1, "price": "11000"},
)  # fmt: skip
def change_product(asked: Asked, product_id: int) -> dict[str, Any]:
    """Change what is given."""
    row = get_object_or_404(Product, pk=product_id)
    try:
        return _saved(asked, row)
    except StaleEdit:
        raise stale(_product(get_object_or_404(Product, pk=product_id))) from None


def _saved(asked: Asked, row: Product | None) -> dict[str, Any]:
    before = ProductProfile("", "")
    if row is not None:
        before = ProductProfile(**{part.name: getattr(row, part.name) for part in fields(ProductProfile)})
    given = {name: value for name, value in asked.body.items() if name != "version"}
    saved = products.save(replace(before, **given), row, version=asked.body.get("version"))
    return _product(Product.objects.get(pk=saved.pk))


class LineIn(Body):
    product = Text(max_length=80, allow_blank=False, help_text=_("The key of a product."))
    quantity = Whole(min_value=1, max_value=1_000_000)
    unit_price = Amount()


class OrderIn(Body):
    """A purchase of one person, named by one of contact_id, email and external_id."""

    key = Text(max_length=80, allow_blank=False)
    contact_id = Id(required=False)
    email = Text(max_length=320, required=False)
    external_id = Text(max_length=200, required=False)
    placed_at = Moment()
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, help_text="ISO 4217.")
    lines = several(LineIn(), 500, min_length=1)
    refunded = Amount(required=False, help_text=_("What was given back in all."))


class LineShown(Body):
    product = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()


class OrderShown(Body):
    """A purchase; amounts are in `currency`."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    contact_id = serializers.IntegerField()
    placed_at = serializers.DateTimeField()
    status = serializers.ChoiceField(OrderStatus.values)
    total = serializers.CharField()
    refunded = serializers.CharField()
    currency = serializers.CharField()


class OrderWhole(OrderShown):
    """A purchase with its lines."""

    lines = LineShown(many=True)


def _order(row: Order) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("key", "contact_id", "placed_at", "status", "currency")}
    return {"id": row.pk, **own, "total": f"{row.total:.2f}", "refunded": f"{row.refunded:.2f}"}


def _whole(user: User, order_id: int) -> dict[str, Any]:
    row = _found(user, order_id)
    lines = row.lines.select_related("product").order_by("pk")
    said = [
        {"product": line.product.key, "quantity": line.quantity, "unit_price": f"{line.unit_price:.2f}"}
        for line in lines
    ]
    return {**_order(row), "lines": said}


def _found(user: User, order_id: int) -> Order:
    return get_object_or_404(queries.orders_of_visible(user), pk=order_id)


@DOOR.get(
    "orders", Action.CONTACT_VIEW, _("List orders"), gives=OrderShown, pages=True,
    query=(
        Param("q", _("Part of the key or of the person's name.")),
        Param("status", _("Only those that stand so."), choices=tuple(OrderStatus.values)),
        Param("product", _("Only with this product."), number=True),
        Param("account", _("Only of people of this account."), number=True),
        Param("contact", _("Only of this person."), number=True),
    ),
)  # fmt: skip
def list_orders(asked: Asked) -> Listing:
    """Return the orders of people you may see, the newest first."""
    numbers = {"product": "product", "account": "account", "person": "contact"}
    choice = OrderChoice(
        typed=asked.text("q"), status=asked.text("status"),
        **{name: asked.number(param) for name, param in numbers.items()},  # type: ignore[arg-type]
    )  # fmt: skip
    return Listing.of(queries.orders_page(asked.user, choice, cursor=asked.cursor, size=asked.size), _order)


@DOOR.get("orders/<row:order_id>", Action.CONTACT_VIEW, _("Read an order with its lines"), gives=OrderWhole)
def read_order(asked: Asked, order_id: int) -> dict[str, Any]:
    """Return one order."""
    return _whole(asked.user, order_id)


@DOOR.post(
    "orders", Action.ORDER_EDIT, _("Write an order by its key, with what was given back"), takes=OrderIn,
    gives=OrderWhole,
    example={
        "key": "A-1001", "email": "cs.kim@hanbit.example.com", "placed_at": "2026-11-21T09:00:00+09:00",
        "lines": [{"product": "cup-blue", "quantity": 2, "unit_price": "12000"}],
    },
    text=_("An order that is known stays as it is, but for `refunded`: what is more than before is given back now."),
)  # fmt: skip
def write_order(asked: Asked) -> dict[str, Any]:
    """Place an order, or bring the refunds of a known one up to date; a repeat changes nothing."""
    body = asked.body
    if body.get("refunded"):
        require(asked.user, Action.ORDER_REFUND)
    buyer, lines = _buyer(asked), _lines(body["lines"])
    before = Order.objects.filter(key=body["key"]).first()
    if before is not None and before.contact_id != buyer:
        raise Refusal("conflict", str(_("This key belongs to the order of another person.")))
    with transaction.atomic():
        given = {"placed_at": body["placed_at"], "currency": body.get("currency", ""), "now": asked.now}
        order = orders.place(body["key"], buyer, lines, **given)
        if (more := body.get("refunded", order.refunded) - order.refunded) > 0:
            orders.refund(order.pk, more, seen=order.refunded, by=asked.user, now=asked.now)
        return _whole(asked.user, order.pk)


def _buyer(asked: Asked) -> int:
    """Return whom the order is of. Raises Refusal when she is not known or not visible."""
    given = [name for name in ("contact_id", "email", "external_id") if asked.body.get(name)]
    if len(given) != 1:
        raise invalid("contact_id", str(_("Name the person by one of contact_id, email and external_id.")))
    people = Contact.objects.visible_to(asked.user)
    value = asked.body[given[0]]
    if given[0] == "email":
        try:
            people = people.filter(email=normalise(value))
        except BadAddress as error:
            raise invalid("email", str(_("This is no e-mail address. Write it like name@example.com."))) from error
    elif given[0] == "external_id":
        people = people.filter(pk=linking.known(KeySource.EXTERNAL, [value]).get(value, 0))
    else:
        people = people.filter(pk=value)
    number = people.values_list("pk", flat=True).first()
    if number is None:
        raise invalid(given[0], str(_("There is nobody of this name that you may see.")))
    return int(number)


def _lines(given: list[dict[str, Any]]) -> list[orders.Line]:
    known = {row.key: row for row in Product.objects.filter(key__in={line["product"] for line in given})}
    errors = {
        f"lines.{place}.product": str(_("There is no product of this key."))
        for place, line in enumerate(given)
        if line["product"] not in known
    }
    if sum((line["unit_price"] * line["quantity"] for line in given), Decimal(0)) >= _HIGHEST:
        errors["lines"] = str(_("The total is too high."))
    if errors:
        raise Invalid(errors)
    return [orders.Line(known[line["product"]], line["quantity"], line["unit_price"]) for line in given]


class RefundIn(Body):
    amount = Amount(min_value=Decimal("0.01"))
    seen = Amount(help_text=_("What was given back before, as you read it: a repeat does nothing."))
    reason = Text(max_length=300, required=False)


@DOOR.post(
    "orders/<row:order_id>/refunds", Action.ORDER_REFUND, _("Give back a part of an order"), takes=RefundIn,
    gives=OrderWhole, example={"amount": "5000", "seen": "0", "reason": "A cup was broken."},
)  # fmt: skip
def refund_order(asked: Asked, order_id: int) -> dict[str, Any]:
    """Give back an amount."""
    row, body = _found(asked.user, order_id), asked.body
    reason = body.get("reason", "")
    orders.refund(row.pk, body["amount"], seen=body["seen"], reason=reason, by=asked.user, now=asked.now)
    return _whole(asked.user, order_id)


class CancelIn(Body):
    reason = Text(max_length=300, required=False)


@DOOR.post(
    "orders/<row:order_id>/cancel", Action.ORDER_EDIT, _("Cancel an order"), takes=CancelIn, gives=OrderWhole,
    example={"reason": "Out of stock."},
)  # fmt: skip
def cancel_order(asked: Asked, order_id: int) -> dict[str, Any]:
    """Cancel an order; it counts nowhere any more. A repeat changes nothing."""
    row = _found(asked.user, order_id)
    orders.cancel(row.pk, reason=asked.body.get("reason", ""), by=asked.user, now=asked.now)
    return _whole(asked.user, order_id)
