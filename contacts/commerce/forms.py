"""Forms of orders: one written down by hand, and the filters of the list."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.commerce import orders
from contacts.commerce.models import Order, OrderStatus, Product
from contacts.commerce.orders import Line
from contacts.commerce.queries import OrderChoice
from contacts.errors import Invalid
from contacts.people.filters import BadFilter
from crm.kit import clock
from crm.kit.text import ForbiddenCharacter, clean_line

ROWS = 5  # lines offered; what was typed is always shown
MOST_ROWS = 100
_LARGEST = Decimal(10) ** 12


class OrderForm(forms.Form):
    """An order: when, its key, and rows of product, pieces and price for one piece (read by `rows`)."""

    placed_at = forms.DateTimeField(
        label=gettext_lazy("Placed"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    key = forms.CharField(
        label=gettext_lazy("Order number"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Left empty, a number is given."),
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (product, pieces, price) as typed, with empty rows to write in."""
        typed: list[tuple[str, str, str]] = []
        if self.is_bound:
            data = cast("QueryDict", self.data)
            products, pieces, prices = (data.getlist(name)[:MOST_ROWS] for name in ("product", "quantity", "price"))
            every = zip_longest(products, pieces, prices, fillvalue="")
            typed = [row for row in every if row[0].strip() or row[2].strip()]
        return typed + [("", "1", "")] * max(1, ROWS - len(typed))

    def clean_placed_at(self) -> datetime:
        """Refuse a time that is still to come."""
        at: datetime = self.cleaned_data["placed_at"]
        if at > clock.now():
            raise forms.ValidationError(_("This is in the future."))
        return at

    def clean_key(self) -> str:
        """Refuse characters that no key has, and a number that another order has."""
        try:
            key = clean_line(self.cleaned_data["key"])
        except ForbiddenCharacter as error:
            raise forms.ValidationError(_("Line breaks and control characters are not allowed here.")) from error
        if key and Order.objects.filter(key=key).exists():
            raise forms.ValidationError(_("Another order has this number."))
        return key

    def clean(self) -> dict[str, Any]:
        """Read the lines; each error names its row."""
        data: dict[str, Any] = super().clean() or {}
        wanted = [row for row in self.rows() if row[0].strip() or row[2].strip()]
        known = _products(row[0] for row in wanted)
        self.lines: list[Line] = []
        for number, (product, quantity, price) in enumerate(wanted, 1):
            try:
                self.lines.append(_line(known.get(_key_of(product)), quantity, price))
            except ValueError as error:
                self.add_error(None, _("Row %(n)d: %(what)s") % {"n": number, "what": error})
        if not wanted:
            self.add_error(None, _("An order needs at least one product, each at least once."))
        return data

    def place(self, contact_id: int, *, now: datetime) -> Order:
        """Place the order. Raises Invalid."""
        data = self.cleaned_data
        key = data["key"] or f"H-{timezone.localdate(now):%Y%m%d}-{str(data['token'] or uuid4())[:8]}"
        return orders.place(key, contact_id, self.lines, placed_at=data["placed_at"], now=now)

    def refuse(self, error: Invalid) -> None:
        """Show what the verb found wrong."""
        for name, text in error.errors.items():
            self.add_error(name if name in self.fields else None, text)


def _key_of(typed: str) -> str:
    """Return the key in `KEY · Name`, as the list of suggestions writes it."""
    return typed.split(" · ", maxsplit=1)[0].strip()


def _products(typed: Iterable[str]) -> dict[str, Product]:
    keys = {_key_of(text) for text in typed}
    return {
        product.key: product for product in Product.objects.filter(key__in=[key for key in keys if "\0" not in key])
    }


def _line(product: Product | None, quantity: str, price: str) -> Line:
    """Read one row; without a price the product's own counts. Raises ValueError with a sentence."""
    if product is None:
        raise ValueError(_("there is no such product. Choose one of the list."))
    if not quantity.strip().isdecimal() or not 0 < int(quantity) <= 1_000_000:
        raise ValueError(_("pieces are a whole number, at least 1."))
    if not price.strip():
        if product.price is None:
            raise ValueError(_("this product has no price yet: write one."))
        return Line(product, int(quantity), product.price)
    return Line(product, int(quantity), _amount(price))


def _amount(raw: str) -> Decimal:
    try:
        amount = Decimal(raw.replace(",", "").strip())
    except InvalidOperation as error:
        raise ValueError(_("this is no amount.")) from error
    if not amount.is_finite() or not 0 <= amount < _LARGEST:
        raise ValueError(_("this is no amount."))
    return amount.quantize(Decimal("0.01"))


def read_choice(query: QueryDict) -> OrderChoice:
    """Read the filters of the list from the address. Raises BadFilter."""
    status = query.get("status", "")
    if status and status not in OrderStatus.values:
        raise BadFilter("status", status)
    return OrderChoice(
        typed=query.get("q", ""),
        status=status,
        product=_number(query, "product"),
        account=_number(query, "account"),
        person=_number(query, "person"),
        since=_day(query, "from", time.min),
        until=_day(query, "to", time.max),
        least=_sum(query, "least"),
        most=_sum(query, "most"),
    )


def _number(query: QueryDict, name: str) -> int | None:
    raw = query.get(name, "")
    if raw and not (raw.isascii() and raw.isdecimal() and 0 < int(raw[:20]) < 2**63):
        raise BadFilter(name, raw)
    return int(raw) if raw else None


def _day(query: QueryDict, name: str, at: time) -> datetime | None:
    """Return the first or the last moment of a day in the reader's time zone."""
    raw = query.get(name, "")
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(raw), at)) if raw else None
    except (ValueError, OverflowError) as error:
        raise BadFilter(name, raw) from error


def _sum(query: QueryDict, name: str) -> Decimal | None:
    raw = query.get(name, "")
    try:
        return _amount(raw) if raw else None
    except ValueError as error:
        raise BadFilter(name, raw) from error
