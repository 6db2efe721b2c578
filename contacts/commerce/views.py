"""Pages of products and orders."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.commerce import orders, products, queries
from contacts.commerce.models import OrderStatus, Product
from contacts.commerce.products import ProductProfile
from contacts.errors import Invalid
from contacts.people.posted import once
from contacts.people.views.door import token_of
from crm.kit import clock
from crm.team.permissions import allowed, reader


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """A product's fields."""

    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Product
        fields = ("key", "name", "brand", "category", "price", "picture", "url")

    def profile(self) -> ProductProfile:
        """Return the product as typed."""
        return ProductProfile(**{name: self.cleaned_data[name] for name in self.Meta.fields})


@allowed("contact.view")
@require_GET
def product_list(request: HttpRequest) -> HttpResponse:
    """Show the products by name."""
    typed = request.GET.get("q", "")
    page = queries.products_page(typed, request.GET.get("cursor", ""))
    context = {"page": page, "search": typed, "search_label": _("Name, key or category")}
    clear = reverse("contacts:products") if typed else ""
    empty = not page.rows and not typed
    return render(request, "contacts/products.html", {**context, "clear_url": clear, "is_empty": empty})


@allowed("contact.view")
@require_GET
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show one product and who bought it."""
    row = get_object_or_404(Product, pk=product_id)
    page = queries.orders_page(reader(request), product=row.pk)
    return render(request, "contacts/product.html", {"product": row, "orders": page.rows[:20]})


@allowed("product.edit")
@require_http_methods(["GET", "POST"])
def product_form(request: HttpRequest, product_id: int | None = None) -> HttpResponse:
    """Add or edit a product; the same form posted twice adds one."""
    row = get_object_or_404(Product, pk=product_id) if product_id else None
    form = ProductForm(request.POST or None, instance=row)
    context: dict[str, Any] = {"form": form, "product": row}
    if request.method == "POST" and form.is_valid():
        try:
            token = token_of(form.cleaned_data["token"])
            made, _first = once(token, lambda: products.save(form.profile(), row).pk)
        except Invalid as error:
            for name, text in error.errors.items():
                form.add_error(name, text)
        else:
            return redirect("contacts:product", made)
    return render(request, "contacts/product_form.html", context, status=400 if form.errors else 200)


@allowed("contact.view")
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Show the orders of people the reader may see, the newest first."""
    typed, status, of = (request.GET.get(key, "") for key in ("q", "status", "account"))
    account = int(of) if of.isdecimal() and len(of) < 19 else None
    page = queries.orders_page(
        reader(request), typed=typed, status=status, account=account, cursor=request.GET.get("cursor", "")
    )
    context = {
        "page": page,
        "search": typed,
        "search_label": _("Order or name"),
        "status": status,
        "statuses": OrderStatus.choices,
        "account": account,
        "is_empty": not page.rows and not typed and not status and not account,
        "clear_url": reverse("contacts:orders") if typed or status or account else "",
    }
    return render(request, "contacts/orders.html", context)


@allowed("contact.view")
@require_GET
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show one order with its lines."""
    row = get_object_or_404(queries.orders_of_visible(reader(request)), pk=order_id)
    lines = [(line, line.unit_price * line.quantity) for line in row.lines.select_related("product")]
    return render(request, "contacts/order.html", {"order": row, "lines": lines, "left": row.total - row.refunded})


@allowed("contact.edit")
@require_POST
def refund(request: HttpRequest, order_id: int) -> HttpResponse:
    """Give back a part of an order. `seen` is what was refunded when the page was opened: a repeat does nothing."""
    row = get_object_or_404(queries.orders_of_visible(reader(request)), pk=order_id)
    try:
        amount, seen = Decimal(request.POST.get("amount", "")), Decimal(request.POST.get("seen", ""))
        orders.refund(row.pk, amount, seen=seen, now=clock.now())
    except InvalidOperation:
        messages.error(request, _("This is no amount."))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("contacts:order", row.pk)
