"""Every field with every operator it has: both forms agree, a negative is the opposite, what time flips is found."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from contacts.attributes import definition as attributes
from contacts.segments.rules.fields.named import all_fields
from contacts.segments.rules.operators import operators_of
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.sql import compose
from contacts.segments.rules.tree import leaves
from contacts.topics.models import Topic
from tests.contacts.segments.conftest import AT, definition, ids, matching

pytestmark = pytest.mark.django_db

VALUES = {
    "none": None, "text": "a", "texts": ["a", "b"], "number": 3, "numbers": [1, 5], "count": 1, "day": "2026-11-21",
    "time": "2026-11-21", "days": ["2026-11-01", "2026-11-30"], "span": {"n": 7, "unit": "days"},
    "number_of_days": 3, "period": "this_month", "months": [2, 11],
}  # fmt: skip


def value_for(operator, field, user):
    if operator.reader.widget != "choices":
        return VALUES[operator.reader.widget]
    found = [row.value for row in field.choices.search("", user)]
    return found[:1] or (None if field.choices.closed else ["KR"])


@pytest.fixture
def world(crowd, team):
    Topic.objects.create(name="Events")
    for kind in ("text", "number", "money", "date", "datetime", "boolean", "choice", "choices", "list"):
        choices = ["red", "blue"] if kind.startswith("choice") else ()
        attributes.define("contact", f"Our {kind}", kind, choices)
        attributes.define("account", f"Their {kind}", kind, choices)


def test_every_field_and_operator(world, team):
    everybody = matching(parse(definition()))
    asked = 0
    for field in all_fields():
        for operator in operators_of(field).values():
            value = value_for(operator, field, team.alice)
            if value is None and operator.reader.widget != "none":
                continue  # a choice of which there is none yet, such as a tag
            node = {"field": field.key, "operator": operator.key} | ({} if value is None else {"value": value})
            found = matching(parse(definition(node)))
            if operator.negates:
                assert found == everybody - matching(parse(definition({**node, "operator": operator.negates}))), node
            later = replace(AT, now=AT.now + timedelta(days=40))
            for zone in ("company", "contact") if operator.zoned else ("company",):
                rule = parse(definition({**node, "zone": zone}))
                candidates = set().union(*(ids(sql) for sql in rule.crossings(AT, later)))
                assert matching(rule) ^ matching(rule, later) <= candidates, node
            asked += 1
    assert asked > 700


def test_every_field_shows_what_decided(world):
    for field in all_fields():
        operator = next(iter(operators_of(field)))
        leaf = next(iter(leaves(parse(definition({"field": "known", "operator": "yes"})).root)))
        leaf = replace(leaf, field=field, operator=operators_of(field)[operator])
        with connection.cursor() as cursor:
            sql = compose("SELECT {value} FROM contacts_contact c", value=leaf.decided_by(AT))
            cursor.execute(sql.text, sql.params)
            assert all(leaf.shown(value and json.loads(value)) for (value,) in cursor.fetchall())
