"""What a column of such a file may be: key, label, names in both languages, whether it must be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import Attribute, Target
from contacts.imports.fields import ATTRIBUTE, folded
from contacts.imports.models import Kind


@dataclass(frozen=True)
class RecordField:
    """One target of a column; `reader` names the function of reading.py that cleans its cells."""

    key: str
    label: str | Promise
    names: str
    reader: str = "text"
    required: bool = False
    limit: int = 200  # characters of a text; what is longer is cut


# fmt: off
_PERSON = RecordField("email", _("E-mail"), "email, e-mail, email address, customer email, buyer email, 이메일, 구매자 이메일, 주문자 이메일, 회원 이메일", "email", required=True)  # noqa: E501
FIELDS: dict[str, list[RecordField]] = {
    Kind.ACCOUNTS: [
        RecordField("name", _("Name"), "company name, account name, name, company, account, organization, 회사명, 회사, 상호, 상호명, 거래처, 거래처명, 법인명", required=True),  # noqa: E501
        RecordField("domain", _("Web domain"), "company domain name, domain, website, web domain, website url, url, 도메인, 홈페이지, 웹사이트", "domain"),  # noqa: E501
        RecordField("business_number", _("Business registration number"), "business registration number, business number, brn, 사업자등록번호, 사업자번호", "business_number"),  # noqa: E501
        RecordField("industry", _("Industry"), "industry, 업종, 산업"),
        RecordField("employees", _("Employees"), "number of employees, employees, size, company size, 직원수, 직원 수, 임직원수, 규모", "count"),  # noqa: E501
        RecordField("country", _("Country"), "country, country/region, billing country, billing country/region, 국가", "country"),  # noqa: E501
        RecordField("city", _("City"), "city, billing city, 도시, 시군구"),
        RecordField("owner", _("Owner"), "company owner, account owner, owner, 담당자, 담당 직원, 담당 영업", "owner"),
        RecordField("contract_end", _("Contract ends"), "contract end, contract end date, renewal date, renewal, 계약 종료일, 계약종료일, 갱신일, 만료일", "day"),  # noqa: E501
        RecordField("renewal_probability", _("Chance of renewal (percent)"), "renewal probability, chance of renewal, 갱신 확률", "percent"),  # noqa: E501
        RecordField("renewal_value", _("Value of the renewal"), "renewal value, renewal amount, 갱신 금액, 갱신금액", "money"),  # noqa: E501
        RecordField("changed_at", _("Last changed there"), "last modified date, updated at, modified, 수정일, 변경일", "moment"),  # noqa: E501
    ],
    Kind.PRODUCTS: [
        RecordField("key", _("Key of the product"), "sku, key, product id, product code, 상품코드, 상품번호, 판매자 상품코드", required=True),  # noqa: E501
        RecordField("name", _("Name"), "name, title, product, product name, 상품명", required=True),
        RecordField("brand", _("Brand"), "brand, vendor, 브랜드, 제조사", limit=120),
        RecordField("category", _("Category"), "category, type, product type, 카테고리, 분류", limit=120),
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


def fields_of(kind: str) -> list[RecordField]:
    """Return what a column of such a file may be; of companies also the team's own attributes."""
    own = Attribute.objects.offered(Target.ACCOUNT) if kind == Kind.ACCOUNTS else []
    return FIELDS[kind] + [RecordField(ATTRIBUTE + each.key, each.label, each.label, "attribute") for each in own]


def guess(kind: str, header: Sequence[str], known: Mapping[int, str] | None = None) -> list[str]:
    """Return for each column the key of the field it most likely is, "" to leave it out; each field once.

    `known` says what a tool calls its columns, by their places.
    """
    keys: list[str] = []
    fields = [(each.key, {folded(one) for one in each.names.split(",")}) for each in fields_of(kind)]
    for place, name in enumerate(map(folded, header)):
        fits = [known[place]] if known and place in known else [key for key, names in fields if name in names]
        keys.append(next((key for key in fits if key not in keys), ""))
    return keys
