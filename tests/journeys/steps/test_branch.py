"""Branches: the first way that fits, judged by rules of segments."""

from contacts.people.models import Contact
from journeys.steps.branch import BRANCH


def city(*names):
    return {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": list(names)}]}}


WAYS = [{"label": "Coast", "rule": city("Busan", "Seoul")}, {"label": "Capital", "rule": city("Seoul")}]


def test_each_takes_the_first_way_that_fits(outlets):
    people = [Contact.objects.create(name=name, city=name) for name in ("Seoul", "Busan", "Jeju")]
    gone = {"contact_id": 999_999}
    assert outlets("branch", {"ways": WAYS}, [*people, gone]) == ["w1", "w1", "else", "else"]
    assert outlets("branch", {"ways": WAYS[::-1]}, people) == ["w1", "w2", "else"]


def test_a_way_without_a_rule_is_told_by_its_place(db):
    form = BRANCH.read({"ways": [WAYS[0], {"label": "Nobody"}]})
    assert form.errors["ways"] == ["2. Who goes this way: This field is required."]


def test_outlets_are_named_as_the_ways(db):
    form = BRANCH.read({"ways": WAYS})
    assert form.is_valid()
    assert [(out.key, str(out.label)) for out in BRANCH.outlets(form.cleaned_data)] == [
        ("w1", "Coast"), ("w2", "Capital"), ("else", "everybody else"),
    ]  # fmt: skip
    assert [out.key for out in BRANCH.outlets({})] == ["else"]
