"""Whatever is written into a slot of a definition is refused with its place, or is a parameter: never SQL."""

import pytest

from contacts.attributes import definition as attributes
from contacts.people.models import Contact
from contacts.segments.errors import BadRule
from contacts.segments.rules.fields.named import all_fields
from contacts.segments.rules.operators import operators_of
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.tree import Form
from tests.contacts.segments.conftest import AT, definition, matching

pytestmark = pytest.mark.django_db

NASTY = [
    "'; DROP TABLE contacts_contact; --",
    "' OR '1'='1",
    "%s %(x)s %% {x} {{x}}",
    "pk__in",
    "_connector",
    "$.a ? (@ == 1)",
    '"c".id',
    "\\'; SELECT 1 --",
    "Robert'); --\n",
]


@pytest.mark.parametrize("text", NASTY)
def test_in_every_key(crowd, text):
    for node in (
        {text: []},
        {"field": text, "operator": "is", "value": "x"},
        {"field": f"attribute.{text}", "operator": "is", "value": "x"},
        {"field": f"account.attribute.{text}", "operator": "is", "value": "x"},
        {"field": "city", "operator": text, "value": "x"},
        {"field": "city", "operator": "is", "value": {text: text}},
        {"field": "city", "operator": "is", "value": "x", text: 1},
        {"field": "created_at", "operator": "in_period", "value": text},
        {"field": "created_at", "operator": "on", "value": text},
        {"field": "created_at", "operator": "in_last", "value": {"n": text, "unit": text}},
        {"field": "created_at", "operator": "in_last", "value": {"n": 1, "unit": "days"}, "zone": text},
        {"field": "tags", "operator": "has_any_of", "value": [text]},
        {"field": "stage", "operator": "is_any_of", "value": [text]},
        {"field": "attribute.seats", "operator": "equals", "value": text},
    ):
        with pytest.raises(BadRule) as caught:
            parse(definition(node))
        assert all(problem.path[:3] == ("rule", "all", 0) for problem in caught.value.problems), node


@pytest.mark.parametrize("text", NASTY)
def test_in_every_free_value(crowd, text):
    """A value that may be any text finds exactly those who have it, and stands in no SQL."""
    for label, kind in (("Motto", "text"), ("Mottoes", "list")):
        attributes.define("contact", label, kind)
    clean = " ".join(text.split())
    Contact.objects.filter(pk=crowd.kim.pk).update(city=clean, attributes={"motto": clean, "mottoes": [clean]})
    asked = 0
    for field in all_fields():
        for operator in operators_of(field).values():
            shape = operator.reader.widget
            if shape == "text" or shape == "texts" or (shape == "choices" and not field.choices.closed):
                value = text if shape == "text" else [text]
                rule = parse(definition({"field": field.key, "operator": operator.key, "value": value}))
                assert all(clean not in rule.root.sql(form, AT).text for form in Form)
                found = matching(rule)
                asked += 1
                if operator.key in ("is", "is_any_of", "has_any_of") and field.key in (
                    "city", "attribute.motto", "attribute.mottoes",
                ):  # fmt: skip
                    assert found == {crowd.kim.pk}, (field.key, operator.key)
    assert asked > 250
    assert Contact.objects.count() == 4
