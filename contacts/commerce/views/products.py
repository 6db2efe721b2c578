"""Pages of products."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from contacts.commerce import products, queries
from contacts.commerce.models import Product
from contacts.commerce.products import ProductProfile
from contacts.commerce.queries import OrderChoice
from contacts.errors import Invalid, StaleEdit
from contacts.people.posted import once
from contacts.people.views.door import token_of
from crm.kit import locking
from crm.kit.locking import Lockable
from crm.team.permissions import allowed, reader


class ProductForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]
    """A product's fields."""

    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Product
        fields = ("key", "name", "brand", "category", "price", "picture", "url")
        labels = {
            "key": gettext_lazy("Product code"),
            "price": format_lazy("{} ({})", gettext_lazy("Price"), settings.COMPANY_CURRENCY),
        }
        widgets = {name: forms.URLInput({"placeholder": "https://"}) for name in ("picture", "url")}

    @classmethod
    def of(cls, product: Product | None) -> "ProductForm":
        """Return the form of a stored product, or an empty one."""
        form = cls(instance=product)
        if product is not None:
            form.initial["version"] = product.version
            form.opened()
        return form

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
    posted = locking.chosen(request.POST) if request.method == "POST" else None
    form = ProductForm(posted, instance=row) if posted else ProductForm.of(row)
    context: dict[str, Any] = {"form": form, "product": row}
    if posted and "further" in posted:
        return render(request, "contacts/product_form.html", context)
    if posted and form.is_valid():
        try:
            made = _saved(form, row)
        except StaleEdit:
            return _stale(request, form, posted, get_object_or_404(Product, pk=product_id or 0))
        except Invalid as error:
            for name, text in error.errors.items():
                form.add_error(name, text)
        else:
            return redirect("contacts:product", made)
    return render(request, "contacts/product_form.html", context, status=400 if form.errors else 200)


def _saved(form: ProductForm, row: Product | None) -> int:
    if row is not None:
        return products.save(form.profile(), row, version=form.at_version()).pk
    made, _first = once(token_of(form.cleaned_data["token"]), lambda: products.save(form.profile()).pk)
    return made


def _stale(request: HttpRequest, form: ProductForm, posted: QueryDict, current: Product) -> HttpResponse:
    context = locking.merge_context(form, ProductForm.of(current), posted, current.version)
    context |= {
        "heading": current.name,
        "action": reverse("contacts:product-edit", args=[current.pk]),
        "back": reverse("contacts:product", args=[current.pk]),
    }
    return render(request, "merge_edits.html", context, status=409)
