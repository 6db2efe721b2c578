"""Pages of products."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.commerce import products, queries
from contacts.commerce.models import Product
from contacts.commerce.products import ProductProfile
from contacts.commerce.queries import OrderChoice
from contacts.errors import Invalid
from contacts.people.posted import once
from contacts.people.views.door import token_of
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
    page = queries.orders_page(reader(request), OrderChoice(product=row.pk))
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
