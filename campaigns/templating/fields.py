"""The merge fields that templates may name: what each is called, where its value stands, an example.

The editor offers them, the parser refuses others, senders fetch those that a mail uses for many people in one query.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.senders.models import Sender
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.models import Contact

# What a person said last on marketing mail, for the group "consent".
SAID = (
    "LEFT JOIN contacts_consentstate said"
    " ON said.contact_id = c.id AND said.purpose = 'marketing' AND said.channel = 'email'"
)
# What the columns below are read from: c is the contact, a its account, o its owner.
SOURCE = (
    f'FROM "{Contact._meta.db_table}" c'
    ' LEFT JOIN "contacts_account" a ON a.id = c.account_id'
    ' LEFT JOIN "team_user" o ON o.id = c.owner_id'
    f" {SAID}"
)
_KEY = re.compile(r"[-a-zA-Z0-9_]+")


@dataclass(frozen=True)
class Field:
    """One merge field. `column` is an SQL expression over SOURCE, empty when the sender or a link gives the value."""

    key: str
    label: str | Promise
    group: str
    column: str
    example: str
    read: Callable[[Any], Any] = lambda value: value
    is_retired: bool = False  # known, so that what names it goes on, but no longer offered

    @property
    def of_message(self) -> bool:
        """Tell whether the value is given with the one mail, as a journey does; `column` is over m, the message."""
        return self.group == "journey"

    @property
    def of_person(self) -> bool:
        """Tell whether the value differs from person to person and comes from the database."""
        return bool(self.column)

    def condition_missing(self) -> str:
        """Return the SQL condition under which a person lacks this field; of a journey's, everybody in a campaign."""
        if self.of_message:
            return "true"
        return f"coalesce({self.column}::text, '') = ''"


def _text(key: str, label: str | Promise, column: str, example: str) -> Field:
    return Field(key, label, key.split(".", 1)[0], column, example)


def _given(key: str, label: str | Promise, column: str, example: str) -> Field:
    """Return a field of what a journey gives to its mails; `given` is what journeys/steps/occasion.py says."""
    return Field(f"journey.{key}", label, "journey", column, example)


FIXED = (
    _text("contact.name", _("Name"), "c.name", "김철수"),
    _text("contact.email", _("E-mail"), "c.email", "chulsoo@example.com"),
    _text("contact.phone", _("Phone"), "c.phone", "+821012345678"),
    _text("contact.company", _("Company"), "c.company", "한빛상사"),
    _text("contact.title", _("Job title"), "c.title", "부장"),
    _text("contact.city", _("City"), "c.city", "서울"),
    _text("contact.region", _("Region"), "c.region", "서울특별시"),
    _text("contact.country", _("Country"), "c.country", "KR"),
    _text("contact.language", _("Language"), "c.language", "ko"),
    _text("contact.birthday", _("Birthday"), "c.birthday", "1988-03-14"),
    _text("consent.decision", _("Said about marketing mail (granted or withdrawn)"), "said.decision", "granted"),
    _text("consent.since", _("Said so at"), "said.since", "2026-11-21T12:00:00+09:00"),
    _text("account.name", _("Account name"), "a.name", "한빛상사"),
    _text("account.industry", _("Industry"), "a.industry", "제조"),
    _text("account.city", _("City of the account"), "a.city", "부산"),
    _text("owner.name", _("Owner's name"), "o.name", "박지은"),
    _text("owner.email", _("Owner's e-mail"), "o.email", "jieun@example.com"),
    _text("owner.phone", _("Owner's phone"), "o.phone", "02-123-4567"),
    _text("owner.title", _("Owner's job title"), "o.title", "Account manager"),
    _given("name", _("Name of the journey"), "(m.given ->> 'name')", "Newsletter welcome"),
    _given("step", _("Name of the step"), "(m.given ->> 'step')", "First mail"),
    _given("entered_at", _("Came in at"), "(m.given ->> 'entered_at')::timestamptz", "2026-11-21T12:00:00+09:00"),
    _given("order", _("Order that brought them in"), "(m.given -> 'facts' ->> 'order')", "A-1024"),
    _given("product", _("Product that brought them in"), "(m.given -> 'facts' ->> 'product')", "Blue chair"),
    _given("form", _("Form that brought them in"), "(m.given -> 'facts' ->> 'form')", "Newsletter"),
    _given(
        "value",
        _("Amount of what brought them in"),
        "CASE jsonb_typeof(m.given -> 'facts' -> 'value') WHEN 'number'"
        " THEN trim_scale((m.given -> 'facts' ->> 'value')::numeric) END",
        "12000",
    ),
    _text("sender.name", _("Sender name"), "", "Wayfare"),
    _text("sender.email", _("Sender address"), "", "hello@example.com"),
    _text("sender.organisation", _("Organisation"), "", "Wayfare Co., Ltd."),
    _text("sender.postal_address", _("Postal address"), "", "12 Sejong-daero, Jung-gu, Seoul"),
    _text("sender.phone", _("Sender's phone"), "", "02-123-4567"),
    Field("unsubscribe_url", _("Unsubscribe link"), "links", "", "https://example.com/u"),
    Field("view_url", _("View in browser link"), "links", "", "https://example.com/v"),
    Field("preferences_url", _("Mail settings link"), "links", "", "https://example.com/p"),
)
GROUPS: dict[str, str | Promise] = {
    "contact": _("Person"),
    "account": _("Account"),
    "owner": _("Owner"),
    "consent": _("Consent"),
    "journey": _("Journey"),
    "sender": _("Sender"),
    "links": _("Links"),
}


def catalogue() -> dict[str, Field]:
    """Return all fields by key: the fixed ones and the company's own attributes. One query."""
    own = [_attribute(attribute) for attribute in Attribute.objects.order_by("target", "position", "id")]
    return {field.key: field for field in (*FIXED, *own)}


def _attribute(attribute: Attribute) -> Field:
    if not _KEY.fullmatch(attribute.key):
        raise ValueError(f'attribute {attribute.pk} has the key "{attribute.key}", which cannot be a field')
    alias = "c" if attribute.target == Target.CONTACT else "a"
    return Field(
        f"{attribute.target}.attributes.{attribute.key}",
        attribute.label,
        attribute.target,
        f"({alias}.attributes -> '{attribute.key}')::text",
        _EXAMPLES.get(attribute.type, attribute.label),
        _READERS.get(attribute.type, _plain),
        is_retired=attribute.retired_at is not None,
    )


def _plain(raw: str | None) -> Any:
    """Return the value of a JSON text: a string, a number, a list; nothing for null."""
    return None if raw is None else json.loads(raw, parse_float=Decimal)


def _amount(raw: str | None) -> Any:
    value = _plain(raw)
    try:
        return Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value


def _date(raw: str | None) -> Any:
    """Return a date kept as ISO text or as days since 1970."""
    value = _plain(raw)
    if isinstance(value, int) and not isinstance(value, bool):
        return date.fromordinal(date(1970, 1, 1).toordinal() + value)
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    AttributeType.MONEY: _amount,
    AttributeType.NUMBER: _amount,
    AttributeType.DATE: _date,
}
_EXAMPLES: dict[str, str] = {
    AttributeType.NUMBER: "3",
    AttributeType.MONEY: "12000",
    AttributeType.DATE: "2026-11-21",
    AttributeType.BOOLEAN: "true",
}


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return {"contact": {"name": …}} for ("contact.name", …): the shape that templates read."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        *path, last = key.split(".")
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
        branch[last] = value
    return tree


def columns(fields: Sequence[Field]) -> str:
    """Return the select list of these fields, to be put between SELECT and SOURCE; every field must be of_person."""
    return ", ".join(field.column for field in fields)


def fetch(contact_ids: Sequence[int], keys: Iterable[str]) -> dict[int, dict[str, Any]]:
    """Return the values of `keys` for many people, by contact id, in one query and in the shape templates read.

    Keys that no person has (sender, links, what a journey gives) are left out: the caller adds them. An unknown key
    raises KeyError.
    """
    known = catalogue()
    fields = [field for field in (known[key] for key in sorted(set(keys))) if field.of_person and not field.of_message]
    wanted = f", {columns(fields)}" if fields else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id{wanted} {SOURCE} WHERE c.id = ANY(%s)", [list(contact_ids)])
        rows = cursor.fetchall()
    return {
        row[0]: nested((field.key, field.read(value)) for field, value in zip(fields, row[1:], strict=True))
        for row in rows
    }


def sender_values(sender: Sender) -> dict[str, str]:
    """Return what `sender.…` means in a mail from this sender."""
    return {
        "name": sender.name,
        "email": sender.email,
        "organisation": sender.organisation,
        "postal_address": sender.postal_address,
        "phone": sender.phone,
    }


def examples() -> dict[str, Any]:
    """Return example values of every field, for a preview without a person."""
    return nested((field.key, field.example) for field in catalogue().values())
