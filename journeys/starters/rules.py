"""Rules of docs/segments.md in a few letters, for the drawings of ready journeys."""

from typing import Any

from contacts.consent.models import Decision

type Node = dict[str, Any]


def field(key: str, operator: str, value: Any = None) -> Node:
    """Return a test of one field."""
    return {"field": key, "operator": operator} | ({} if value is None else {"value": value})


def did(kind: str, days: int | None = None) -> Node:
    """Return that something happened: ever, or in the last days."""
    window = {} if days is None else {"window": {"last": {"n": days, "unit": "days"}}}
    return {"did": kind} | window


def since(kind: str, other: str) -> Node:
    """Return that `kind` happened after the last `other`."""
    return {"did": kind, "window": {"since": {"did": other, "which": "last"}}}


def whole(*nodes: Node, mode: str = "all") -> Node:
    """Return a whole definition: all of the nodes, or any."""
    return {"version": 1, "rule": {mode: list(nodes)}}


AGREED = field("consent.marketing.email", "is_any_of", [Decision.GRANTED.value])
KNOWN = field("known", "yes")
HOT = field("grade", "is_any_of", ["hot"])
