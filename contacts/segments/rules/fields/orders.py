"""What a person bought.

Cancelled orders do not count; what was given back is taken off; sums are those of orders in the company's currency.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contacts.commerce.models import Product
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Rows as RowsOf
from contacts.segments.rules.fields.choices import Used
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import Rows, Totals
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type

_ORDERED = ("order.placed", "order.refunded", "order.cancelled")
_ORDERS = FieldGroup.ORDERS
_EVERY_ORDER = _("The orders of everybody are added up.")
_COUNTED = Sql("t.status <> 'cancelled'")
_LINES = (
    "(SELECT o.contact_id, p.id, nullif(p.brand, '') AS brand, nullif(p.category, '') AS category "
    "FROM contacts_order o JOIN contacts_orderline l ON l.order_id = o.id JOIN contacts_product p "
    "ON p.id = l.product_id WHERE o.status <> 'cancelled')"
)


def _total(x: str, absent: Sql | None) -> Totals:
    return Totals("contacts_order", Expression(Sql(x)), _COUNTED, absent=absent)


def _when(which: str) -> Totals:
    placed = Sql("t.placed_at")
    return Totals("contacts_order", Expression(Sql(f"{which}(t.placed_at)")), _COUNTED, of=Expression(placed))


def _money(x: str, absent: Sql | None) -> Totals:
    return Totals("contacts_order", Expression(Sql(x)), _IN_OUR_CURRENCY, absent=absent)


def _bought(column: str) -> Rows:
    return Rows(_LINES, Expression(Sql(f"t.{column}")))


_IN_OUR_CURRENCY = Sql("t.status <> 'cancelled' AND t.currency = %s", (settings.COMPANY_CURRENCY,))

# fmt: off
# ruff: noqa: E501
ORDER_FIELDS = (
    Field("orders", _("number of orders"), _ORDERS, Type.NUMBER, _total("count(*)", Sql("0")), _ORDERED, slow=_EVERY_ORDER),
    Field("spent", _("spent in all, less refunds"), _ORDERS, Type.MONEY, _money("sum(t.total - t.refunded)", Sql("0")), _ORDERED, slow=_EVERY_ORDER),
    Field("order_average", _("average order"), _ORDERS, Type.MONEY, _money("avg(t.total - t.refunded)", None), _ORDERED, slow=_EVERY_ORDER),
    Field("order_first", _("first order"), _ORDERS, Type.DATETIME, _when("min"), _ORDERED, slow=_EVERY_ORDER),
    Field("order_last", _("last order"), _ORDERS, Type.DATETIME, _when("max"), _ORDERED, slow=_EVERY_ORDER),
    Field("bought", _("products bought"), _ORDERS, Type.MANY, _bought("id"), _ORDERED, RowsOf(Product, "name")),
    Field("bought_brand", _("brands bought"), _ORDERS, Type.MANY, _bought("brand"), _ORDERED, Used("brand", Product)),
    Field("bought_category", _("categories bought"), _ORDERS, Type.MANY, _bought("category"), _ORDERED, Used("category", Product)),
)
# fmt: on
