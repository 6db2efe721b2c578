"""Where an attribute is used: segments, views, journeys and templates; what is retired is offered no more."""

import pytest

from campaigns.templating import editor, fields
from campaigns.templating.models import MailTemplate
from contacts.attributes import definition, uses
from contacts.models import Segment
from crm.team.saved_views.models import SavedView
from journeys.journey.models import Journey
from journeys.steps.set_attribute import SetAttributeForm
from journeys.steps.wait import WaitForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return definition.define("contact", "Plan", "text")


def said(row):
    return [(use.sort, use.name) for use in uses.of(row)]


def test_it_is_said_where_an_attribute_is_used(plan, team, now, as_):
    other = definition.define("contact", "Planet", "text")
    of_account = definition.define("account", "Plan", "text")
    rule = {"all": [{"field": "attribute.plan", "op": "is", "value": "Pro"}]}
    Segment.objects.create(name="Pros", definition=rule, changed_at=now)
    SavedView.objects.create(
        page="people", name="By plan", shared=True, owner=team.mina, changed_at=now,
        query="columns=name%2Cattribute.plan&sort=-attribute.plan",
    )  # fmt: skip
    SavedView.objects.create(page="people", name="Mine", owner=team.mina, changed_at=now, query="sort=attribute.plan")
    MailTemplate.objects.create(name="Hello", draft={"subject": "{{ contact.attributes.plan | default: 'x' }}"})
    step = {"id": "a", "kind": "set_attribute", "settings": {"attribute": plan.pk, "what": "empty", "value": ""}}
    Journey.objects.create(name="Writes", draft={"steps": [step]})
    Journey.objects.create(name="Reads", draft={"rules": {"entry": rule}})
    expected = [
        ("Segment", "Pros"), ("Saved view", "By plan"), ("Mail template", "Hello"), ("Journey", "Reads"),
        ("Journey", "Writes"),
    ]  # fmt: skip
    assert sorted(said(plan)) == sorted(expected)
    assert said(other) == []
    assert said(of_account) == []
    page = as_(team.mina).get(f"/settings/attributes/{plan.pk}/").content.decode()
    assert all(name in page for _sort, name in expected)


def test_a_retired_attribute_is_offered_to_no_new_step(plan, now):
    born = definition.define("contact", "Contract", "date")
    for row in (plan, born):
        definition.retire(row, now=now)
    assert "Plan" not in str(SetAttributeForm())
    assert "Contract" not in str(WaitForm())
    used = SetAttributeForm({"attribute": plan.pk, "what": "empty", "value": ""})
    assert used.is_valid()
    assert "Plan (retired)" in str(used)
    waits = WaitForm({"field": "attribute.contract"})
    assert "Contract (retired)" in str(waits)
    definition.bring_back(plan)
    assert "Plan" in str(SetAttributeForm())
    assert "retired" not in str(SetAttributeForm())


def test_a_retired_attribute_is_offered_to_no_template(plan, now):
    def offered():
        return [field.key for _label, group in editor._field_groups() for field in group]

    assert "contact.attributes.plan" in offered()
    definition.retire(plan, now=now)
    assert "contact.attributes.plan" not in offered()
    assert fields.catalogue()["contact.attributes.plan"].is_retired
