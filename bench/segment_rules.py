"""The twelve typical segments of docs/segments.md: as rules, and as SQL by someone who knows the tables."""

from datetime import datetime, timedelta
from typing import Any

from bench.segment_people import CITIES

DAY = timedelta(days=1)


def days(n: int) -> dict[str, Any]:
    """Return a span."""
    return {"n": n, "unit": "days"}


def last(n: int) -> dict[str, Any]:
    """Return a window."""
    return {"window": {"last": days(n)}}


NEVER = {"times": {"operator": "never"}}


def rules(campaign: int, stage: int, inactive: int) -> dict[str, dict[str, Any]]:
    """Return the rules by name; `inactive` is the number of the fifth segment."""
    pricing = [{"property": "path", "operator": "is", "value": "/pricing"}]
    return {
        "1 city": {"all": [{"field": "city", "operator": "is", "value": "Seoul"}]},
        "2 plan and age": {
            "all": [
                {"field": "attribute.plan", "operator": "is_any_of", "value": ["pro"]},
                {"field": "attribute.age", "operator": "more_than", "value": 40},
            ]
        },
        "3 saved cities": {"all": [{"field": "attribute.saved", "operator": "has_any_of", "value": ["Busan"]}]},
        "4 active": {"all": [{"did": "any"} | last(30)]},
        "5 inactive": {"all": [{"did": "any"} | NEVER | last(30)]},
        "6 opened often": {"all": [{"did": "mail.opened", "times": {"operator": "at_least", "n": 3}} | last(30)]},
        "7 clicked once": {"all": [{"did": "mail.clicked", "on": {"type": "campaign", "keys": [str(campaign)]}}]},
        "8 bought": {
            "all": [
                {"did": "order.placed", "times": {"operator": "at_least", "n": 2}},
                {"did": "order.placed", "measure": {"of": "value", "by": "sum", "operator": "more_than", "value": 100}},
            ]
        },
        "9 opened, not clicked": {
            "all": [{"did": "mail.opened"} | last(14), {"did": "mail.clicked"} | NEVER | last(14)]
        },
        "10 nested": {
            "all": [
                {
                    "any": [
                        {"field": "city", "operator": "is_any_of", "value": CITIES[:5]},
                        {"field": "stage", "operator": "is_any_of", "value": [stage]},
                    ]
                },
                {"field": "segments", "operator": "has_none_of", "value": [inactive]},
                {"field": "score", "operator": "at_least", "value": 50},
            ]
        },
        "11 bought soon": {"all": [{"did": "order.placed", "first": True, "window": {"after_creation": days(30)}}]},
        "12 cart left": {
            "all": [
                {"did": "cart.updated"} | last(3),
                {"did": "order.placed", "window": {"since": {"did": "cart.updated", "which": "last"}}} | NEVER,
                {"did": "page.viewed", "where": pricing} | NEVER | last(7),
            ]
        },
    }


# By hand, knowing the tables: %(30)s is thirty days ago, kinds and subjects are numbers, `c` are the people.
BY_HAND = {
    "1 city": "lower(c.city) = 'seoul'",
    "2 plan and age": """c.attributes @> '{"plan": "pro"}' AND (c.attributes ->> 'age')::numeric > 40""",
    "3 saved cities": """c.attributes @> '{"saved": ["Busan"]}'""",
    "4 active": "c.id IN (SELECT contact_id FROM contact_seen WHERE last_seen_at >= %(30)s)",
    "5 inactive": "c.id NOT IN (SELECT contact_id FROM contact_seen WHERE last_seen_at >= %(30)s)",
    "6 opened often": """c.id IN (SELECT contact_id FROM contact_state
        WHERE kind_id = %(opened)s AND last_times[3] >= %(30)s)""",
    "7 clicked once": """c.id IN (SELECT contact_id FROM subject_state
        WHERE kind_id = %(clicked)s AND subject_id = ANY(%(dispatches)s))""",
    "8 bought": "c.id IN (SELECT contact_id FROM contact_state WHERE kind_id = %(order)s AND n >= 2 AND total > 100)",
    "9 opened, not clicked": """
        c.id IN (SELECT contact_id FROM contact_state WHERE kind_id = %(opened)s AND last_at >= %(14)s)
        AND c.id NOT IN (SELECT contact_id FROM contact_state WHERE kind_id = %(clicked)s AND last_at >= %(14)s)""",
    "10 nested": """(lower(c.city) = ANY(%(cities)s) OR c.stage_id = %(stage)s)
        AND c.id NOT IN (SELECT contact_id FROM contacts_membership
            WHERE segment_id = %(inactive)s AND left_at IS NULL)
        AND c.id IN (SELECT contact_id FROM contacts_score WHERE model_id = %(model)s AND total >= %(warm)s)""",
    "11 bought soon": """c.id IN (
        SELECT s.contact_id FROM contact_state s JOIN contacts_contact b ON b.id = s.contact_id
        WHERE s.kind_id = %(order)s AND s.first_at < b.created_at + interval '30 days')""",
    "12 cart left": """c.id IN (
        SELECT s.contact_id FROM contact_state s
        LEFT JOIN contact_state o ON o.contact_id = s.contact_id AND o.kind_id = %(order)s
        WHERE s.kind_id = %(cart)s AND s.last_at >= %(3)s AND (o.last_at IS NULL OR o.last_at <= s.last_at)
    ) AND c.id NOT IN (SELECT contact_id FROM event WHERE kind_id = %(page)s AND occurred_at >= %(7)s
        AND properties ->> 'path' = '/pricing')""",
}
ALL = "SELECT c.id FROM contacts_contact c WHERE c.merged_into_id IS NULL AND "


def values(dispatches: list[int], now: datetime) -> dict[str, Any]:
    """Return what the statements by hand need."""
    from contacts.ledger.dictionary import kind_ids
    from contacts.models import Stage
    from contacts.scoring.decay import threshold
    from contacts.scoring.heat import default_model

    kinds = kind_ids(["mail.opened", "mail.clicked", "page.viewed", "cart.updated", "order.placed"])
    model = default_model()
    return {
        "opened": kinds["mail.opened"],
        "clicked": kinds["mail.clicked"],
        "page": kinds["page.viewed"],
        "cart": kinds["cart.updated"],
        "order": kinds["order.placed"],
        **{str(n): now - n * DAY for n in (3, 7, 14, 30)},
        "dispatches": dispatches,
        "cities": [city.lower() for city in CITIES[:5]],
        "stage": Stage.objects.order_by("pk")[2].pk,
        "model": model.pk,
        "warm": threshold(50, now, anchor=model.anchor, half_life=model.half_life),
    }


def made(campaign: int, bound: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Save the twelve segments; attributes are defined first. Their builds wait."""
    from contacts.attributes import definition as attributes
    from contacts.segments import saving
    from contacts.segments.saving import Draft

    attributes.define("contact", "Plan", "choice", ["pro", "free"])
    attributes.define("contact", "Age", "number")
    attributes.define("contact", "Saved", "list")
    segments: dict[str, Any] = {}
    inactive = 0
    for name in BY_HAND:
        rule = rules(campaign, bound["stage"], inactive)[name]
        segments[name] = saving.create(Draft(name, "", {"version": 1, "rule": rule}), by=None, now=now)
        if name.startswith("5"):
            inactive = segments[name].pk
    bound["inactive"] = inactive
    return segments


def rule_of(segment: Any) -> Any:
    """Return a segment's rule, parsed."""
    from contacts.segments.rules.parsing import parse

    return parse(segment.definition)
