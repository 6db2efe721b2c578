"""A rule as a field: read from text and from what was stored, drawn again, told by its problems."""

import json

from journeys.steps.kind import StepForm
from journeys.steps.rule_field import RuleField

SEOUL = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": ["Seoul"]}]}}


class Asked(StepForm):
    who = RuleField(required=False)


def test_rule_is_stored_and_read_again():
    form = Asked({"who": json.dumps(SEOUL)})
    assert form.is_valid()
    assert form.stored() == {"who": SEOUL}
    again = Asked(form.stored())
    assert again.is_valid()
    assert again.cleaned_data["who"] == form.cleaned_data["who"]
    assert "is_any_of" in str(again["who"])


def test_rule_without_a_condition_is_none():
    form = Asked({"who": '{"version": 1, "rule": {"all": []}}'})
    assert form.is_valid()
    assert form.stored() == {"who": None}


def test_rule_that_cannot_be_read_says_where():
    form = Asked({"who": {"version": 1, "rule": {"all": [{"field": "nonsense", "operator": "is"}]}}})
    assert not form.is_valid()
    assert form.errors["who"][0].startswith("Condition 1: ")
    assert not Asked({"who": "{"}).is_valid()
