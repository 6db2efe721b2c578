"""Pages of orders: the list with its filters, one order, and what can be done to it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.commerce import orders, queries
from contacts.commerce.forms import OrderForm, read_choice
from contacts.commerce.models import Order, OrderStatus, Product
from contacts.errors import Invalid
from contacts.people.filters import BadFilter
from contacts.people.posted import once
from contacts.people.views.door import to_change, token_of
from crm.kit import clock
from crm.kit.paging import BadCursor, Page
from crm.team.permissions import Action, allowed, reader


@allowed("contact.view")
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Show the orders of people the reader may see, the newest first; 400 with what is wrong in the address."""
    query, problem = request.GET, ""
    page: Page[Order] = Page([], "", "")
    try:
        page = queries.orders_page(reader(request), read_choice(query), cursor=query.get("cursor", ""))
    except (BadFilter, BadCursor) as error:
        problem = str(error)
    chosen = {name: query.get(name, "") for name in queries.FILTERS}
    narrowed = any(chosen.values())
    context = {
        "page": page,
        "problem": problem,
        "search": chosen["q"],
        "search_label": _("Order or name"),
        "chosen": chosen,
        "statuses": OrderStatus.choices,
        "product": Product.objects.filter(pk=chosen["product"]).first() if chosen["product"].isdecimal() else None,
        "is_empty": not page.rows and not narrowed and not problem and not query.get("cursor"),
        "clear_url": reverse("contacts:orders") if narrowed else "",
    }
    return render(request, "contacts/orders.html", context, status=400 if problem else 200)


@allowed("contact.view")
@require_GET
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show one order with its lines and what was given back."""
    row = get_object_or_404(queries.orders_of_visible(reader(request)), pk=order_id)
    return render(request, "contacts/order.html", _shown(row))


def _shown(row: Order) -> dict[str, Any]:
    return {
        "order": row,
        "lines": [(line, line.unit_price * line.quantity) for line in row.lines.select_related("product")],
        "refunds": list(row.refunds.select_related("by")),
        "left": row.total - row.refunded,
        "is_open": row.status not in (OrderStatus.CANCELLED, OrderStatus.REFUNDED),
    }


@allowed(Action.ORDER_EDIT)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write an order of a person down by hand; the same form posted twice makes one."""
    contact, now = to_change(request, contact_id), clock.now()
    form = OrderForm(request.POST or None, initial={"placed_at": now})
    if request.method == "POST" and form.is_valid():
        try:
            made, _first = once(token_of(form.cleaned_data["token"]), lambda: form.place(contact.pk, now=now).pk)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("The order was written down."))
            return redirect("contacts:order", made)
    context = {"form": form, "contact": contact, "lines": form.rows(), "products": queries.some_products()}
    context["currency"] = settings.COMPANY_CURRENCY
    return render(request, "contacts/order_form.html", context, status=400 if form.errors else 200)


@allowed(Action.ORDER_REFUND)
@require_POST
def refund(request: HttpRequest, order_id: int) -> HttpResponse:
    """Give back a part of an order. `seen` is what was refunded when the page was opened: a repeat does nothing.

    What is refused stays in its fields.
    """
    row = get_object_or_404(queries.orders_of_visible(reader(request)), pk=order_id)
    typed = {name: request.POST.get(name, "") for name in ("amount", "reason")}
    problem = ""
    try:
        amount, seen = Decimal(typed["amount"].replace(",", "")), Decimal(request.POST.get("seen", ""))
        orders.refund(row.pk, amount, seen=seen, reason=typed["reason"], by=reader(request), now=clock.now())
    except InvalidOperation:
        problem = _("This is no amount.")
    except Invalid as error:
        problem = str(error)
    if problem:
        row.refresh_from_db()
        return render(request, "contacts/order.html", {**_shown(row), "typed": typed, "problem": problem}, status=400)
    messages.success(request, _("Noted: the money was given back."))
    return redirect("contacts:order", row.pk)


@allowed(Action.ORDER_EDIT)
@require_POST
def cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel an order; a repeat says so and changes nothing."""
    row = get_object_or_404(queries.orders_of_visible(reader(request)), pk=order_id)
    try:
        done = orders.cancel(row.pk, reason=request.POST.get("reason", ""), by=reader(request), now=clock.now())
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The order was cancelled.") if done else _("The order was cancelled before."))
    return redirect("contacts:order", row.pk)
