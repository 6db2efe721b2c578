"""Defining, changing and deleting attributes."""

import pytest

from contacts.attributes import definition, uses
from contacts.errors import Invalid
from contacts.models import Attribute, Contact, Segment

pytestmark = pytest.mark.django_db


def test_key_is_made_from_the_label_and_never_taken_twice():
    keys = [definition.define("contact", label, "text").key for label in ("Shoe size!", "Shoe size?", "신발", "모자")]
    assert keys == ["shoe_size", "shoe_size_2", "field", "field_2"]
    assert list(Attribute.objects.values_list("position", flat=True)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("target", "label", "kind", "choices"),
    [("contact", "", "text", ()), ("contact", "a\nb", "text", ()), ("contact", "x" * 81, "text", ()),
     ("contact", "C", "choice", ()), ("contact", "C", "choice", ["a,b"]), ("nobody", "C", "text", ()),
     ("contact", "C", "blob", ())],
)  # fmt: skip
def test_wrong_definition_is_refused(target, label, kind, choices):
    with pytest.raises(Invalid):
        definition.define(target, label, kind, choices)
    assert Attribute.objects.count() == 0


def test_deleting_takes_the_values_and_no_others(crowd, monkeypatch):
    monkeypatch.setattr(definition, "RANGE", 1)
    row = definition.define("contact", "Plan", "text")
    Contact.objects.filter(pk__in=[crowd.kim.pk, crowd.lee.pk]).update(attributes={"plan": "x", "other": 1})
    assert definition.in_use(row) == 2
    definition.delete(row)
    assert Attribute.objects.count() == 0
    assert list(Contact.objects.exclude(attributes={}).values_list("attributes", flat=True)) == [{"other": 1}] * 2


def test_form_posted_twice_defines_one(team, as_):
    token = "6f0c2a8e-3f65-4b9e-9b59-0e1f4ad1d0aa"
    data = {"label": "Plan", "target": "contact", "type": "choice", "choices": "Pro\nFree\n\nPro", "token": token}
    for _ in range(2):
        as_(team.mina).post("/settings/attributes/", data)
    assert Attribute.objects.get().choices == ["Pro", "Free"]


def test_a_retired_attribute_is_hidden_and_comes_back_with_its_values(crowd, team, now, as_):
    plan = definition.define("contact", "Plan", "choices", ["Pro", "Free"])
    Contact.objects.filter(pk=crowd.kim.pk).update(attributes={"plan": ["Pro", "Free"]})
    Contact.objects.filter(pk=crowd.lee.pk).update(attributes={"plan": ["Pro"]})
    assert definition.values_in_use(plan) == [("Pro", 2), ("Free", 1)]
    rule = {"all": [{"field": "attribute.plan", "op": "has_any", "value": ["Pro"]}]}
    Segment.objects.create(name="Pros", definition=rule, changed_at=now)
    assert [use.name for use in uses.of(plan)] == ["Pros"]
    client = as_(team.mina)
    page = client.get(f"/settings/attributes/{plan.pk}/").content.decode()
    assert "Pros" in page
    client.post(f"/settings/attributes/{plan.pk}/retire/")
    assert not Attribute.objects.offered("contact")
    assert "attribute-plan" not in client.get(f"/people/{crowd.kim.pk}/edit/").content.decode()
    client.post(f"/settings/attributes/{plan.pk}/retire/", {"back": "1"})
    assert list(Attribute.objects.offered("contact")) == [plan]
    assert Contact.objects.get(pk=crowd.kim.pk).attributes == {"plan": ["Pro", "Free"]}
