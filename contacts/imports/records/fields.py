"""What a column of such a file may be: key, label, names in both languages, whether it must be chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.imports.fields import folded
from contacts.imports.models import Kind


@dataclass(frozen=True)
class RecordField:
    """One target of a column; `reader` names the function of reading.py that cleans its cells."""

    key: str
    label: str | Promise
    names: str
    reader: str = "text"
    required: bool = False


# fmt: off
_PERSON = RecordField("email", _("E-mail"), "email, e-mail, email address, customer email, buyer email, 이메일, 구매자 이메일, 주문자 이메일, 회원 이메일", "email", required=True)  # noqa: E501
FIELDS: dict[str, list[RecordField]] = {
    Kind.PRODUCTS: [
        RecordField("key", _("Key of the product"), "sku, key, product id, product code, 상품코드, 상품번호, 판매자 상품코드", required=True),  # noqa: E501
        RecordField("name", _("Name"), "name, title, product, product name, 상품명", required=True),
        RecordField("brand", _("Brand"), "brand, vendor, 브랜드, 제조사"),
        RecordField("category", _("Category"), "category, type, product type, 카테고리, 분류"),
        RecordField("price", _("Price"), "price, unit price, 판매가, 가격", "money"),
        RecordField("picture", _("Picture"), "image, picture, image src, image url, 이미지, 대표이미지", "url"),
        RecordField("url", _("Page"), "url, link, page, 상품 url, 링크", "url"),
    ],
    Kind.ORDERS: [
        RecordField("key", _("Order number"), "order, order id, order number, order no, 주문번호", required=True),
        _PERSON,
        RecordField("name", _("Name"), "name, customer name, billing name, 구매자명, 주문자명, 주문자"),
        RecordField("placed_at", _("Placed at"), "placed at, created at, order date, paid at, date, 주문일, 주문일시, 결제일, 주문일자", "moment", required=True),  # noqa: E501
        RecordField("product", _("Key of the product"), "sku, lineitem sku, product id, product code, 상품코드, 상품번호", required=True),  # noqa: E501
        RecordField("product_name", _("Name of the product"), "product, product name, lineitem name, 상품명"),
        RecordField("quantity", _("Pieces"), "quantity, qty, lineitem quantity, 수량", "count"),
        RecordField("unit_price", _("Price of one piece"), "price, unit price, lineitem price, 판매가, 상품가격, 단가", "money", required=True),  # noqa: E501
        RecordField("currency", _("Currency"), "currency, 통화", "currency"),
        RecordField("status", _("State of the order"), "status, financial status, order status, 주문상태, 상태", "status"),  # noqa: E501
        RecordField("refunded", _("Given back so far"), "refunded, refunded amount, refund, 환불금액, 환불액", "money"),
        RecordField("refunded_at", _("Given back at"), "refunded at, refund date, 환불일, 환불일시", "moment"),
    ],
    Kind.EVENTS: [
        _PERSON,
        RecordField("kind", _("What happened"), "event, event name, kind, type, 이벤트, 행동", "event_kind", required=True),  # noqa: E501
        RecordField("at", _("When"), "time, timestamp, at, date, occurred at, 일시, 시각, 발생일시", "moment", required=True),  # noqa: E501
        RecordField("key", _("Number of the event"), "id, event id, message id, 이벤트 id"),
        RecordField("title", _("Name of the page, product or form"), "title, page title, product name, form name, 제목, 페이지"),  # noqa: E501
        RecordField("value", _("Value"), "value, amount, revenue, 금액", "money"),
    ],
}
# fmt: on


def guess(kind: str, header: Sequence[str]) -> list[str]:
    """Return for each column the key of the field it most likely is, "" to leave it out; each field once."""
    keys: list[str] = []
    for name in map(folded, header):
        fits = (each.key for each in FIELDS[kind] if name in [folded(one) for one in each.names.split(",")])
        keys.append(next((key for key in fits if key not in keys), ""))
    return keys
