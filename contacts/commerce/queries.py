"""What the pages of products and orders read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from contacts.commerce.models import Order, OrderLine, OrderStatus, Product
from contacts.people.models import Contact
from crm.kit.paging import Page, keyset_page
from crm.team.models import User


def products_page(typed: str, cursor: str, size: int = 50) -> Page[Product]:
    """Return one page of products by name, each with `sold`: how many pieces."""
    kept = OrderLine.objects.exclude(order__status=OrderStatus.CANCELLED)
    sold = kept.filter(product=OuterRef("pk")).order_by().values("product").annotate(n=Sum("quantity"))
    products = Product.objects.annotate(sold=Coalesce(Subquery(sold.values("n")), 0))
    if words := typed.replace("\0", "").strip():
        products = products.filter(Q(name__icontains=words) | Q(key__icontains=words) | Q(category__icontains=words))
    return keyset_page(products, ("name", "id"), cursor=cursor, size=size)


def orders_of_visible(user: User) -> QuerySet[Order]:
    """Return the orders of people that `user` may see."""
    return Order.objects.filter(contact__in=Contact.objects.visible_to(user)).select_related("contact")


@dataclass(frozen=True)
class OrderChoice:
    """Which orders: what was typed, status, one product, account or person, a time (aware), a range of totals."""

    typed: str = ""
    status: str = ""
    product: int | None = None
    account: int | None = None
    person: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    least: Decimal | None = None
    most: Decimal | None = None


FILTERS = ("q", "status", "product", "account", "person", "from", "to", "least", "most")  # in the query string


def orders_page(user: User, choice: OrderChoice, *, cursor: str = "", size: int = 50) -> Page[Order]:
    """Return one page of orders, the newest first, each with `products`: how many lines. Raises BadCursor."""
    return keyset_page(orders_found(user, choice), ("-placed_at", "-id"), cursor=cursor, size=size)


def orders_found(user: User, choice: OrderChoice) -> QuerySet[Order]:
    """Return the orders that are chosen, of people whom `user` may see, each with `products`: how many lines."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(n=Count("*"))
    orders = orders_of_visible(user).annotate(products=Coalesce(Subquery(lines.values("n")), 0))
    if words := choice.typed.replace("\0", "").strip():
        orders = orders.filter(Q(key__icontains=words) | Q(contact__name__icontains=words))
    if choice.product:
        orders = orders.filter(pk__in=OrderLine.objects.filter(product=choice.product).values("order"))
    wanted = {
        "status": choice.status or None,
        "contact__account": choice.account,
        "contact": choice.person,
        "placed_at__gte": choice.since,
        "placed_at__lte": choice.until,
        "total__gte": choice.least,
        "total__lte": choice.most,
    }
    return orders.filter(**{name: value for name, value in wanted.items() if value is not None})


def some_products() -> list[str]:
    """Return up to 500 products as `KEY · Name`, to be offered while one types."""
    return [f"{key} · {name}" for key, name in Product.objects.order_by("name").values_list("key", "name")[:500]]
