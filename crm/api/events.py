"""Events that other programs report, a thousand at once; each is kept once, by its id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.commerce.models import Product
from contacts.errors import Invalid
from contacts.ledger.append import LONGEST_KEY, NewEvent, append, properties_json
from contacts.ledger.errors import WrongEvent
from crm.api.bodies import BULK
from crm.api.fields import Amount, Body, Choice, Free, Id, Moment, Text, several
from crm.api.people_named import Named, People
from crm.api.route import Asked, Door
from crm.api.rows import MOST
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, require

DOOR = Door("Events", TokenScope.EVENTS_WRITE, TokenScope.EVENTS_WRITE)
TRACKED = "event.tracked"
# What a program may report, with the type of what it is about; the rest has verbs of its own, such as orders.
REPORTED = {
    TRACKED: "event",
    "page.viewed": "page",
    "product.viewed": "product",
    "form.submitted": "form",
    "cart.updated": "",
}
LONGEST_ABOUT = 190
SOURCE = "api"
_SEEN = "SELECT key FROM event_key WHERE source = %s AND key = ANY(%s)"


class EventIn(Body):
    """One thing that a person did."""

    id = Text(required=False, max_length=LONGEST_KEY, help_text=_("Of the event; a repeat with it is dropped."))
    kind = Choice(list(REPORTED), required=False, help_text=_("event.tracked unless given."))
    about = Text(
        required=False, max_length=LONGEST_ABOUT,
        help_text=_("The name of an event.tracked, the page's address, the product's key, the form's name."),
    )  # fmt: skip
    contact_id = Id(required=False)
    external_id = Text(required=False, max_length=200)
    email = Text(required=False, max_length=320)
    anonymous_id = Text(required=False, max_length=200)
    occurred_at = Moment(required=False, help_text=_("Now unless given; a future time becomes now."))
    value = Amount(required=False, help_text=_("Money, in the company's currency."))
    properties = Free(required=False)


class EventsIn(Body):
    events = several(EventIn(), MOST, min_length=1)


class KeptShown(Body):
    result = serializers.ChoiceField(["kept", "repeated", "refused"])
    contact_id = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(child=serializers.CharField(), help_text=_("By field."))


class EventsShown(Body):
    """What became of each event, in their order."""

    kept = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = KeptShown(many=True)


@dataclass(frozen=True)
class Report:
    """An event as a door reads it; `about` is a name, address or key by its kind."""

    named: Named
    kind: str = TRACKED
    about: str = ""
    id: str = ""
    occurred_at: datetime | None = None
    value: Decimal | None = None
    properties: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kept:
    """What became of a report."""

    result: str
    contact_id: int | None = None
    errors: Mapping[str, str] | None = None


@DOOR.post(
    "events", Action.CONTACT_EDIT, _("Report what people did"), takes=EventsIn, gives=EventsShown, largest=BULK,
    example={
        "events": [
            {"id": "9f2c", "email": "cs.kim@hanbit.example.com", "about": "Trial started"}
        ]
    },
    text=_("Somebody who is not known yet is added. An event that is wrong is refused, the others are kept."),
)  # fmt: skip
def report_events(asked: Asked) -> dict[str, Any]:
    """Keep events."""
    reports = [_report(row) for row in asked.body["events"]]
    kept = keep(reports, asked)
    names = ("kept", "repeated", "refused")
    rows = [{"result": one.result, "contact_id": one.contact_id, "errors": dict(one.errors or {})} for one in kept]
    return {name: sum(one.result == name for one in kept) for name in names} | {"rows": rows}


def _report(row: Mapping[str, Any]) -> Report:
    names = ("contact_id", "external_id", "email", "anonymous_id")
    named = Named(**{name: row[name] for name in names if name in row})
    rest = {name: value for name, value in row.items() if name not in names}
    return Report(named, **rest)


def keep(reports: Sequence[Report], asked: Asked) -> list[Kept]:
    """Append these events in one transaction and return what became of each, in order."""
    require(asked.user, Action.CONTACT_ADD)
    with transaction.atomic():
        people = People([one.named for one in reports], user=asked.user, now=asked.now)
        products, seen = _products(reports), _seen([one.id for one in reports if one.id])
        people.make_new(report.named for report in reports if _fault(report, products) is None)
        kept, events = [], []
        for report in reports:
            found = _judged(report, people, products, asked.now)
            if isinstance(found, NewEvent):
                result = "repeated" if report.id in seen else "kept"
                seen |= {report.id} - {""}
                events.append(found)
                found = Kept(result, found.contact_id)
            kept.append(found)
        append(events, source=SOURCE, now=asked.now)
    return kept


def _seen(keys: list[str]) -> set[str]:
    """Return which of these events were kept before."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [SOURCE, keys])
        return {key for (key,) in cursor.fetchall()}


def _products(reports: Sequence[Report]) -> dict[str, int]:
    keys = {one.about for one in reports if one.kind == "product.viewed" and one.about}
    return dict(Product.objects.filter(key__in=keys).values_list("key", "pk"))


def _judged(report: Report, people: People, products: Mapping[str, int], now: datetime) -> NewEvent | Kept:
    """Return the event of a report, or why there is none; whoever is new is made."""
    if (errors := _fault(report, products)) is not None:
        return Kept("refused", None, errors)
    try:
        number = people.find_or_make(report.named)
    except Invalid as error:
        return Kept("refused", None, error.errors)
    return NewEvent(
        number, report.kind, report.occurred_at or now, subject=_subject(report, products), value=report.value,
        properties=_facts(report), key=report.id or None,
    )  # fmt: skip


def _fault(report: Report, products: Mapping[str, int]) -> Mapping[str, str] | None:
    """Return what is wrong with a report, whoever it is about, by field; None when nothing is."""
    try:
        _subject(report, products)
        properties_json(_facts(report))
    except Invalid as error:
        return error.errors
    except WrongEvent as error:
        return {"properties": str(error)}
    return None


def _subject(report: Report, products: Mapping[str, int]) -> tuple[str, str] | None:
    noun = REPORTED[report.kind]
    if report.kind == TRACKED and not report.about.strip():
        raise Invalid({"about": str(_("Say what happened."))})
    if noun == "product":
        if report.about not in products:
            raise Invalid({"about": str(_("There is no product of this key."))})
        return noun, str(products[report.about])
    return (noun, report.about.strip()) if noun and report.about.strip() else None


def _facts(report: Report) -> dict[str, Any]:
    """Return the properties, with the name that sentences tell."""
    given = dict(report.properties or {})
    name = {TRACKED: "name", "page.viewed": "title", "product.viewed": "name", "form.submitted": "name"}.get(
        report.kind
    )
    if name and report.about and (report.kind == TRACKED or name not in given):
        given[name] = report.about
    return given
