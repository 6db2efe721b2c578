"""The rules remembered by a process: parsed anew when something they name is gone."""

import pytest

from contacts.models import Product, Segment
from contacts.segments import index as segment_index
from contacts.segments.rules.subjects import SUBJECT_TYPES
from tests.contacts.segments.living import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    segment_index._Memory.subjects.clear()
    monkeypatch.setattr(segment_index, "SUBJECTS_KEPT", -1.0)


def test_rule_about_a_deleted_product_is_parsed_anew(person, now):
    person(name="Ann")
    lamp, rug = (Product.objects.create(key=name, name=name) for name in ("lamp", "rug"))
    did = {"did": "product.viewed", "on": {"type": "product", "keys": [str(lamp.pk)]}}
    segment = make("Saw the lamp", did, now=now)
    before = segment_index.current()
    assert before.entries[segment.pk].rule is not None
    assert segment_index.current() is before
    lamp.delete()
    after = segment_index.current()
    assert after is not before
    assert (after.entries[segment.pk].rule, "deleted" in after.entries[segment.pk].problem) == (None, True)
    rug.delete()
    assert segment_index.current() is not after
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_tables_of_upper_apps_are_looked_at(db, monkeypatch):
    assert "campaign" in SUBJECT_TYPES
    first = segment_index._subjects("one")
    monkeypatch.setattr(segment_index, "SUBJECTS_KEPT", 60.0)
    Product.objects.create(key="lamp", name="Lamp")
    assert segment_index._subjects("one") == first
    segment_index._Memory.subjects.clear()
    assert segment_index._subjects("one") != first
