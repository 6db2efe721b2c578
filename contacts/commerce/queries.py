"""What the pages of products and orders read."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from contacts.commerce.models import Order, OrderLine, Product
from contacts.people.models import Contact
from crm.kit.paging import Page, keyset_page
from crm.team.models import User


def products_page(typed: str, cursor: str) -> Page[Product]:
    """Return one page of products by name, each with `sold`: how many pieces."""
    sold = OrderLine.objects.filter(product=OuterRef("pk")).order_by().values("product").annotate(n=Sum("quantity"))
    products = Product.objects.annotate(sold=Coalesce(Subquery(sold.values("n")), 0))
    if words := typed.replace("\0", "").strip():
        products = products.filter(Q(name__icontains=words) | Q(key__icontains=words) | Q(category__icontains=words))
    return keyset_page(products, ("name", "id"), cursor=cursor)


def orders_of_visible(user: User) -> QuerySet[Order]:
    """Return the orders of people that `user` may see."""
    return Order.objects.filter(contact__in=Contact.objects.visible_to(user)).select_related("contact")


def orders_page(
    user: User,
    *,
    typed: str = "",
    status: str = "",
    product: int | None = None,
    account: int | None = None,
    cursor: str = "",
) -> Page[Order]:
    """Return one page of orders, the newest first, each with `products`: how many lines."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(n=Count("*"))
    orders = orders_of_visible(user).annotate(products=Coalesce(Subquery(lines.values("n")), 0))
    if words := typed.replace("\0", "").strip():
        orders = orders.filter(Q(key__icontains=words) | Q(contact__name__icontains=words))
    if status:
        orders = orders.filter(status=status)
    if account:
        orders = orders.filter(contact__account=account)
    if product:
        orders = orders.filter(pk__in=OrderLine.objects.filter(product=product).values("order"))
    return keyset_page(orders, ("-placed_at", "-id"), cursor=cursor)
