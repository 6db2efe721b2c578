"""The published JSON schema of definitions, made from the tables of leaves and operators.

It says the shape; whether a field, a tag or an attribute exists is for parsing.parse to tell.
"""

from typing import Any

from contacts.segments.rules.operators import OPERATORS
from contacts.segments.rules.parsing import LEAVES, LONGEST, MOST_NODES
from contacts.segments.rules.periods import CALENDAR_WORDS
from contacts.segments.rules.readers import LONGEST_TEXT, MOST_VALUES
from contacts.segments.rules.spans import Unit
from contacts.segments.rules.tree import Mode

_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_NUMBER = {"type": "number"}
_DAY = {"type": "string", "format": "date"}
_TIME = {"type": "string", "description": "ISO 8601: a day, or a day and time"}
_COUNT = {"type": "integer", "minimum": 0}
_SPAN = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 1}, "unit": {"enum": [unit.value for unit in Unit]}},
    "required": ["n", "unit"],
    "additionalProperties": False,
}


def _list_of(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": MOST_VALUES, **more}


# By the widget of an operator's reader.
VALUES: dict[str, dict[str, Any] | None] = {
    "none": None,
    "text": _TEXT,
    "texts": _list_of(_TEXT),
    "number": _NUMBER,
    "numbers": _list_of(_NUMBER, minItems=2, maxItems=2),
    "count": _COUNT,
    "choices": _list_of({"type": ["string", "integer"]}),
    "day": _DAY,
    "time": _TIME,
    "days": _list_of(_DAY, minItems=2, maxItems=2),
    "span": {"$ref": "#/$defs/span"},
    "number_of_days": _COUNT,
    "period": {"enum": list(CALENDAR_WORDS)},
    "months": _list_of({"type": "integer", "minimum": 1, "maximum": 12}),
}


def schema() -> dict[str, Any]:
    """Return the schema, in the dialect 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Segment rule",
        "description": f"At most {MOST_NODES} groups and conditions, {LONGEST} characters.",
        "type": "object",
        "properties": {"version": {"const": 1}, "rule": {"$ref": "#/$defs/group"}},
        "required": ["version", "rule"],
        "additionalProperties": False,
        "$defs": {
            "group": {"oneOf": [_group(mode) for mode in Mode]},
            "node": {"anyOf": [{"$ref": "#/$defs/group"}, *(dict(kind.schema) or _known(kind.key) for kind in LEAVES)]},
            "field": {"anyOf": [_condition(widget) for widget in VALUES]},
            "span": _SPAN,
        },
    }


def _group(mode: Mode) -> dict[str, Any]:
    nodes = {"type": "array", "items": {"$ref": "#/$defs/node"}}
    return {
        "type": "object",
        "properties": {mode.value: nodes},
        "required": [mode.value],
        "additionalProperties": False,
    }


def _known(key: str) -> dict[str, Any]:
    return {"type": "object", "required": [key]}


def _condition(widget: str) -> dict[str, Any]:
    """Return the conditions on fields whose value has one shape. One key may have several, by the field's type."""
    keys = sorted({row.key for row in OPERATORS if row.reader.widget == widget})
    zone = {"enum": ["company", "contact"], "description": "for days: in whose time zone"}
    value = VALUES[widget]
    return {
        "type": "object",
        "properties": {
            "field": {"type": "string"},
            "operator": {"enum": keys},
            **({"value": value} if value else {"value": {"type": "null"}}),
            "zone": zone,
        },
        "required": ["field", "operator", *(["value"] if value else [])],
        "additionalProperties": False,
    }
