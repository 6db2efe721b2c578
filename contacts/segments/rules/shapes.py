"""The JSON schema of conditions on behaviour: deeds, windows, sequences, people of the account. Used by schema.py."""

from typing import Any

from contacts.ledger.comparisons import OPERATORS
from contacts.segments.rules.amounts import COMPARISONS, By
from contacts.segments.rules.periods import CALENDAR_WORDS

_SPAN = {"$ref": "#/$defs/span"}
_TIME = {"type": "string", "description": "ISO 8601: a day, or a day and time"}
_KIND = {"type": "string", "description": "the key of a kind of activity, or any"}
_TEXTS = {"type": "array", "items": {"type": "string"}}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_WINDOWS = (
    _object(["last"], last=_SPAN),
    _object(["ago"], ago={**_object(["from", "to"], **{"from": _SPAN, "to": _SPAN})}),
    _object(["more_than_ago"], more_than_ago=_SPAN),
    _object(["before"], before=_TIME),
    _object(["after"], after=_TIME),
    _object(["between"], between={"type": "array", "items": _TIME, "minItems": 2, "maxItems": 2}),
    _object(["calendar"], calendar={"enum": [word for word, period in CALENDAR_WORDS.items() if period.shift <= 0]}),
    _object(["since_stage"], since_stage={"const": True}),
    _object(["after_creation"], after_creation=_SPAN),
    _object(["since"], since=_object(["did", "which"], did=_KIND, which={"enum": ["first", "last"]})),
)
_WINDOW = {"anyOf": list(_WINDOWS)}
_CONDITION = _object(
    ["property", "operator"],
    property={"type": "string"},
    operator={"enum": list(OPERATORS)},
    value={"type": ["string", "number", "array"], "items": {"type": ["string", "number"]}},
)
_NARROWED = {
    "on": _object(["type", "keys"], type={"type": "string"}, keys={**_TEXTS, "minItems": 1}),
    "where": {"type": "array", "items": _CONDITION},
}
_TIMES = _object(
    ["operator"],
    operator={"enum": ["at_least", "at_most", "exactly", "between", "never"]},
    n={"type": "integer", "minimum": 0},
    to={"type": "integer", "minimum": 0},
)
_MEASURE = _object(
    ["of", "by", "operator", "value"],
    of={"type": "string", "description": "value (the amount of money), or a property"},
    by={"enum": [by.value for by in By if by is not By.COUNT]},
    operator={"enum": list(COMPARISONS)},
    value={"type": ["number", "string", "array"], "items": {"type": "number"}},
)
DID = _object(["did"], did=_KIND, **_NARROWED, times=_TIMES, measure=_MEASURE, window=_WINDOW, first={"const": True})
_STEPS = {
    "type": "array",
    "minItems": 2,
    "maxItems": 6,
    "prefixItems": [_object(["did"], did=_KIND, **_NARROWED, window=_WINDOW)],
    "items": {
        "oneOf": [_object([key], **{key: _KIND}, **_NARROWED, within=_SPAN) for key in ("did", "did_not")],
    },
}
SEQUENCE = _object(["sequence"], sequence=_STEPS)
PEOPLE_OF_ACCOUNT = _object(
    ["people_of_account", "rule"],
    people_of_account={"enum": ["any", "every", "at_least"]},
    n={"type": "integer", "minimum": 1},
    rule={"$ref": "#/$defs/group"},
)
