"""People, accounts, orders and the activity of a segment as files."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.commerce import queries as commerce
from contacts.commerce.forms import read_choice
from contacts.commerce.models import Order
from contacts.exports.kind import Asked, Cell, ExportColumn, ExportKind
from contacts.ledger.kinds import words_of
from contacts.people import account_queries, columns, queries
from contacts.people.filters import BadFilter
from contacts.people.models import Account, Contact, ContactQuerySet
from contacts.people.selection import Selection
from contacts.topics.models import TopicState
from crm.kit import clock
from crm.team.permissions import Action

_READ = 1_000  # rows fetched at once
_EVENTS = """
SELECT e.contact_id, e.occurred_at, k.key, s.type, s.key, e.value FROM event e
JOIN ledger_kind k ON k.id = e.kind_id LEFT JOIN ledger_subject s ON s.id = e.subject_id
WHERE e.contact_id = ANY(%s) ORDER BY e.contact_id, e.occurred_at, e.id
"""


def _people(asked: Asked) -> ContactQuerySet:
    return Selection(ids=asked.ids, query=asked.query.urlencode()).people(asked.user)


def _people_columns() -> Mapping[str, ExportColumn]:
    own = {key: ExportColumn(column.label, column.text) for key, column in columns.every().items()}
    return own | {"topics_refused": ExportColumn(_("Refused topics"), _refused)}


def _refused(contact: Contact) -> str:
    rows: list[TopicState] = contact.refused_topics  # type: ignore[attr-defined]  # by _people_rows
    return ", ".join(row.topic.label for row in rows)


def _people_usual(query: QueryDict) -> Sequence[str]:
    if query.get("columns"):
        return [column.key for column in columns.chosen(query).columns]
    return list(_people_columns())


def _people_rows(asked: Asked) -> Iterator[Contact]:
    refused = TopicState.objects.filter(wanted=False).select_related("topic").order_by("topic__position", "topic_id")
    people = queries.with_rows(_people(asked)).prefetch_related(
        Prefetch("topic_states", refused, to_attr="refused_topics")
    )
    return people.order_by("pk").iterator(chunk_size=_READ)


PEOPLE = ExportKind(
    "people", _("People"), _("people-%(day)s"), Action.CONTACT_VIEW, _people_columns, _people_usual,
    lambda asked: _people(asked).count(), _people_rows, "contacts:people",
)  # fmt: skip


def _accounts(asked: Asked) -> Any:
    return account_queries.accounts_found(asked.user, asked.query, now=clock.now()).order_by("pk")


def _account_columns() -> Mapping[str, ExportColumn]:
    rows = Attribute.objects.offered(Target.ACCOUNT)
    return _ACCOUNT_COLUMNS | {f"attribute.{row.key}": ExportColumn(row.label, partial(_own, row)) for row in rows}


def _own(attribute: Attribute, account: Account) -> Cell:
    value = account.attributes.get(attribute.key)
    return "" if value is None else values.shown(attribute, value)


_ACCOUNT_COLUMNS = {
    "name": ExportColumn(_("Name"), lambda row: row.name),
    "domain": ExportColumn(_("Web domain"), lambda row: row.domain),
    "business_number": ExportColumn(_("Business registration number"), lambda row: row.business_number),
    "industry": ExportColumn(_("Industry"), lambda row: row.industry_label),
    "employees": ExportColumn(_("Employees"), lambda row: row.employees),
    "country": ExportColumn(_("Country"), lambda row: row.country),
    "city": ExportColumn(_("City"), lambda row: row.city),
    "owner": ExportColumn(_("Owner"), lambda row: row.owner.name if row.owner else ""),
    "parent": ExportColumn(_("Parent company"), lambda row: row.parent.name if row.parent else ""),
    "people": ExportColumn(_("People"), lambda row: row.people),
    "created": ExportColumn(_("Added"), lambda row: row.created_at),
}
ACCOUNTS = ExportKind(
    "accounts", _("Accounts"), _("accounts-%(day)s"), Action.CONTACT_VIEW, _account_columns,
    lambda _query: list(_account_columns()), lambda asked: _accounts(asked).count(),
    lambda asked: _accounts(asked).iterator(chunk_size=_READ), "contacts:accounts",
)  # fmt: skip


def _orders(asked: Asked) -> Any:
    return commerce.orders_found(asked.user, read_choice(asked.query)).order_by("pk")


def _bought(order: Order) -> str:
    return ", ".join(f"{line.quantity} x {line.product.name}" for line in order.lines.all())


_ORDER_COLUMNS = {
    "key": ExportColumn(_("Order"), lambda row: row.key),
    "placed": ExportColumn(_("Placed"), lambda row: row.placed_at),
    "status": ExportColumn(_("Status"), lambda row: row.get_status_display()),
    "person": ExportColumn(_("Person"), lambda row: row.contact.display_name if row.contact else ""),
    "email": ExportColumn(_("E-mail"), lambda row: row.contact.email if row.contact else ""),
    "products": ExportColumn(_("Products"), _bought),
    "total": ExportColumn(_("Total"), lambda row: row.total),
    "refunded": ExportColumn(_("Given back"), lambda row: row.refunded),
    "currency": ExportColumn(_("Currency"), lambda row: row.currency),
}
ORDERS = ExportKind(
    "orders", _("Orders"), _("orders-%(day)s"), Action.CONTACT_VIEW, lambda: _ORDER_COLUMNS,
    lambda _query: list(_ORDER_COLUMNS), lambda asked: _orders(asked).count(),
    lambda asked: _orders(asked).prefetch_related("lines__product").iterator(chunk_size=_READ), "contacts:orders",
)  # fmt: skip


def _of_segment(asked: Asked) -> ContactQuerySet:
    if not asked.query.get("segment"):
        raise BadFilter("segment", "")
    return _people(asked)


def _event_rows(asked: Asked) -> Iterator[Mapping[str, Any]]:
    people = _of_segment(asked).order_by("pk").only("pk", "name", "email")
    for some in batched(people.iterator(chunk_size=_READ), 200, strict=False):
        by_id = {person.pk: person for person in some}
        with connection.cursor() as cursor:
            cursor.execute(_EVENTS, [list(by_id)])
            for person, at, kind, noun, key, value in cursor.fetchall():
                yield {"person": by_id[person], "at": at, "kind": kind, "about": _about(noun, key), "value": value}


def _about(noun: str | None, key: str | None) -> str:
    return f"{noun}:{key}" if noun else ""


def _said(row: Mapping[str, Any]) -> str:
    return words_of(row["kind"])


_EVENT_COLUMNS = {
    "person": ExportColumn(_("Person"), lambda row: row["person"].display_name),
    "email": ExportColumn(_("E-mail"), lambda row: row["person"].email),
    "at": ExportColumn(_("When"), lambda row: row["at"]),
    "what": ExportColumn(_("What"), _said),
    "kind": ExportColumn(_("Key"), lambda row: row["kind"]),
    "about": ExportColumn(_("About"), lambda row: row["about"]),
    "value": ExportColumn(_("Value"), lambda row: row["value"]),
}
EVENTS = ExportKind(
    "events", _("Activity of a segment"), _("activity-%(day)s"), Action.SEGMENT_VIEW, lambda: _EVENT_COLUMNS,
    lambda _query: list(_EVENT_COLUMNS), lambda asked: _of_segment(asked).count(), _event_rows, "contacts:segments",
)  # fmt: skip
