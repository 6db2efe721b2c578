"""The rules with which the presets ship: who belongs to a stage, as definitions of docs/segments.md.

Whoever fits more than one stage stands in the one of the highest priority; people are not moved back unless a stage
says so.
"""

from dataclasses import dataclass
from typing import Any

type Definition = dict[str, Any]


@dataclass(frozen=True)
class PresetRule:
    """When people enter a stage, and when they are through with it (then they go on to the next one)."""

    entry: Definition
    exit: Definition | None = None
    moves_back: bool = False


def _rule(mode: str, *nodes: Definition) -> Definition:
    return {"version": 1, "rule": {mode: list(nodes)}}


def _did(kind: str, days: int | None = None, times: int = 1, **more: Any) -> Definition:
    window = {"window": {"last": {"n": days, "unit": "days"}}} if days else {}
    often = {"times": {"operator": "at_least", "n": times}} if times > 1 else {}
    return {"did": kind, **often, **more, **window}


EVERYBODY = _rule("all")
KNOWN = _rule("all", {"field": "email", "operator": "given"})
HOT = {"field": "grade", "operator": "is_any_of", "value": ["hot"]}
ABOUT_TO_BUY = {"any": [HOT, _did("cart.updated", days=7), _did("product.viewed", days=7, times=5)]}
INTERESTED = _rule("all", *KNOWN["rule"]["all"], ABOUT_TO_BUY)
WITH_COUPON = _did("order.placed", where=[{"property": "coupon", "operator": "given", "value": ""}])


def _orders(least: int) -> Definition:
    return _rule("all", {"field": "orders", "operator": "at_least", "value": least})


# By (stage model, stage), in the order of the stages.
PRESET_RULES: dict[tuple[str, str], PresetRule] = {
    ("lifecycle", "discover"): PresetRule(EVERYBODY),
    ("lifecycle", "educate"): PresetRule(KNOWN),
    ("lifecycle", "convert"): PresetRule(INTERESTED),
    ("lifecycle", "retain"): PresetRule(_orders(1)),
    ("lifecycle", "advocate"): PresetRule(_orders(5)),
    ("race", "reach"): PresetRule(EVERYBODY),
    ("race", "act"): PresetRule(KNOWN, exit=_rule("all", WITH_COUPON)),
    ("race", "convert"): PresetRule(INTERESTED),
    ("race", "engage"): PresetRule(_orders(1)),
    ("commerce", "awareness"): PresetRule(EVERYBODY),
    ("commerce", "consideration"): PresetRule(_rule("any", *KNOWN["rule"]["all"], _did("product.viewed"))),
    ("commerce", "purchase"): PresetRule(_rule("any", _did("cart.updated", days=14), *_orders(1)["rule"]["all"])),
    ("commerce", "retention"): PresetRule(_orders(2)),
    ("commerce", "advocacy"): PresetRule(_orders(5)),
    ("customer-success", "lead-generation"): PresetRule(EVERYBODY),
    ("customer-success", "nurture"): PresetRule(KNOWN),
    ("customer-success", "customer-success"): PresetRule(_orders(1)),
    ("customer-success", "advocacy"): PresetRule(_orders(5)),
    ("b2b", "engage"): PresetRule(EVERYBODY),
    ("b2b", "nurture"): PresetRule(KNOWN),
    ("b2b", "convert"): PresetRule(_rule("any", HOT, _did("form.submitted", days=30))),
    ("b2b", "retain"): PresetRule(_orders(1)),
    ("b2b", "grow"): PresetRule(_orders(3)),
}
