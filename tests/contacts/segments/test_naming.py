"""Names that came with the product are found as they are stored and as the reader sees them."""

import pytest
from django.utils import translation

from contacts.models import Segment
from contacts.segments import queries
from tests.contacts.segments.living import make, rule

pytestmark = pytest.mark.django_db
CITY = {"field": "city", "operator": "is", "value": "서울"}


def found(typed):
    return [segment.name for segment in queries.segments_page(typed, "", "name", "").rows]


def test_search_finds_the_name_that_is_shown(now):
    make("Customers at risk", CITY, now=now)
    make("My own", CITY, now=now)
    assert Segment.objects.get(name="Customers at risk").definition == rule(CITY)
    with translation.override("ko"):
        label = Segment.objects.get(name="Customers at risk").label
        assert label != "Customers at risk"
        assert found(label[:2]) == ["Customers at risk"]
        assert found("at RISK") == ["Customers at risk"]
        assert found("My") == ["My own"]
    with translation.override("en"):
        assert found(label) == []
