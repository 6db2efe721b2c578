"""Reading a drawing: rows that steps name are asked for once for all steps; a row that is gone is told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.lists.models import Tag
from journeys.graph.filled import fill
from journeys.graph.graph import Graph, Step

pytestmark = pytest.mark.django_db


def tagged(*numbers):
    return Graph(steps=tuple(Step(f"s{n}", "tag", {"what": "add", "tag": tag}) for n, tag in enumerate(numbers)))


def cost(drawing):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = fill(drawing)
    return len(asked), [step.said for step in found.steps if step.is_valid]


def test_three_hundred_steps_ask_as_often_as_one():
    vip, new = Tag.objects.create(name="VIP"), Tag.objects.create(name="New")
    assert cost(tagged(vip.pk)) == (1, ["Add the tag “VIP”"])
    queries, said = cost(tagged(*[vip.pk, str(new.pk)] * 150))
    assert (queries, said) == (1, ["Add the tag “VIP”", "Add the tag “New”"] * 150)


@pytest.mark.parametrize("gone", [0, -1, 10**25, "x", None, True, [1], {"a": 1}, "٣"])
def test_what_is_no_row_is_refused_as_ever(gone):
    found = fill(tagged(Tag.objects.create(name="VIP").pk, gone))
    assert [step.is_valid for step in found.steps] == [True, False]
    assert list(found.steps[1].form.errors) == ["tag"]
