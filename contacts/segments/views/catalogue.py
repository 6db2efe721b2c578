"""What may be asked, as JSON for the builder: fields with their operators, event kinds with subjects and properties."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.ledger.comparisons import OPERATORS
from contacts.ledger.kinds import EventKind
from contacts.segments.rules.deeds import ANY, askable
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.named import all_fields
from contacts.segments.rules.operators import operators_of
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.periods import CALENDAR_WORDS
from contacts.segments.rules.subjects import SUBJECT_TYPES
from contacts.segments.rules.value_type import Type

_ICONS = {
    FieldGroup.PROFILE: "user",
    FieldGroup.ATTRIBUTES: "forms",
    FieldGroup.COMPANY: "building",
    FieldGroup.STAGE: "stairs-up",
    FieldGroup.SCORE: "target-arrow",
    FieldGroup.SOURCE: "world",
    FieldGroup.CONSENT: "shield-check",
    FieldGroup.LISTS: "list-check",
    FieldGroup.ORDERS: "receipt",
    FieldGroup.MAIL: "mail",
}
# What the value of a condition on an event's property is typed into, where it is not a text.
PROPERTY_INPUTS = {
    "any_of": "texts",
    "none_of": "texts",
    "more_than": "number",
    "at_least": "number",
    "less_than": "number",
    "at_most": "number",
    "between": "numbers",
    "before": "day",
    "since": "day",
    "given": "none",
    "missing": "none",
}
_OTHER = gettext_lazy("Other activity")
_MAIL, _SHOP, _SITE = gettext_lazy("Mails"), gettext_lazy("Shop"), gettext_lazy("Website and forms")
_SALES, _PROFILE = gettext_lazy("Sales"), gettext_lazy("Profile, lists and stages")
# The heading under which the kinds of a noun stand.
_NOUNS = {
    "mail": _MAIL,
    "link": _MAIL,
    "page": _SITE,
    "form": _SITE,
    "site": _SITE,
    "order": _SHOP,
    "cart": _SHOP,
    "product": _SHOP,
    "call": _SALES,
    "note": _SALES,
    "lead": _SALES,
    "owner": _SALES,
    "stage": _PROFILE,
    "list": _PROFILE,
    "tag": _PROFILE,
    "contact": _PROFILE,
    "consent": _PROFILE,
    "topic": _PROFILE,
    "address": _PROFILE,
    "segment": _PROFILE,
}
MEASURES = ("more_than", "at_least", "less_than", "at_most", "between")
TEXT_MEASURES = ("is", "contains")


def catalogue() -> dict[str, Any]:
    """Return everything that the builder offers, in the active language."""
    fields = all_fields()
    return {
        "groups": [{"key": g.value, "label": str(g.label), "icon": _ICONS[g]} for g in FieldGroup],
        "fields": [_field(field) for field in fields],
        "operators": _operators(fields),
        "kinds": _kinds(),
        "periods": [[word, period.words()] for word, period in CALENDAR_WORDS.items()],
        "past_periods": [[word, period.words()] for word, period in CALENDAR_WORDS.items() if period.shift <= 0],
        "property_operators": [
            {"key": row.key, "label": str(row.label), "input": PROPERTY_INPUTS.get(row.key, "text")}
            for row in OPERATORS.values()
        ],
        "measure_operators": [
            *([key, str(OPERATORS[key].label)] for key in MEASURES),
            ["exactly", _("is exactly")],
        ],
        "text_operators": [[key, str(OPERATORS[key].label)] for key in TEXT_MEASURES],
        "zones": [["", _("the company's time zone")], ["contact", _("each person's time zone")]],
    }


def _field(field: Field) -> dict[str, Any]:
    fixed = field.choices.words.items() if isinstance(field.choices, Named) else None
    return {
        "key": field.key,
        "label": capfirst(str(field.label)),
        "group": field.group.value,
        "type": field.type.value,
        "operators": list(operators_of(field)),
        "choices": [[value, str(word)] for value, word in fixed] if fixed else None,
        "suggests": field.choices is not None,
        "begins": _begins(field),
    }


def _begins(field: Field) -> str:
    """Return the operator that a new condition begins with: choosing real values where there are any."""
    keys = list(operators_of(field))
    return "is_any_of" if field.choices and "is_any_of" in keys else keys[0]


def _operators(fields: Iterable[Field]) -> dict[str, list[dict[str, Any]]]:
    """Return the operators of each type that a field has, in the order in which they are offered."""
    found: dict[Type, dict[str, Operator]] = {}
    for field in fields:
        found.setdefault(field.type, {}).update(operators_of(field))
    return {type_.value: [_operator(row) for row in rows.values()] for type_, rows in found.items()}


def _operator(row: Operator) -> dict[str, Any]:
    return {"key": row.key, "label": str(row.label), "input": row.reader.widget, "zoned": row.zoned}


def _kinds() -> list[dict[str, Any]]:
    """Return what may be asked of behaviour, group by group in the order of the table."""
    order = [str(label) for label in dict.fromkeys([*_NOUNS.values(), _OTHER])]
    rows = [_kind(kind) for kind in _asked_for()]
    return [_anything(), *sorted(rows, key=lambda row: order.index(row["group"]))]


def _asked_for() -> list[EventKind]:
    return sorted(askable(), key=lambda kind: str(kind.label))


def _anything() -> dict[str, Any]:
    return {"key": ANY, "label": _("Anything they did themselves"), "icon": "activity", "group": "", "subjects": []}


def _kind(kind: EventKind) -> dict[str, Any]:
    subjects = [[row.key, str(row.label)] for row in SUBJECT_TYPES if kind.key in row.kinds]
    noun = kind.key.partition(".")[0]
    return {
        "key": kind.key,
        "label": str(kind.label),
        "icon": kind.icon,
        "group": str(_NOUNS.get(noun, _OTHER)),
        "subjects": subjects,
    }
