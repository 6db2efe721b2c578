"""Scores in several models: each has fields of its own, picked in the leaf; the default model's have no number."""

from datetime import timedelta

import pytest
from django.utils import translation

from contacts.scoring.decay import kept
from contacts.scoring.heat import default_model
from contacts.scoring.models import Score, ScoreModel
from contacts.segments.errors import FieldGone
from contacts.segments.rules.fields.named import all_fields
from contacts.segments.rules.parsing import parse
from tests.contacts.segments.conftest import AT, definition

pytestmark = pytest.mark.django_db
HELD = {"Ann": (80, 1), "Bob": (0, 50), "Cho": (30, 30)}  # points in the default model, in the other one


@pytest.fixture
def fit(person):
    """Ann is hot in the default model, Bob in another one with a longer memory, Cho is warm in both."""
    usual = default_model()
    model = ScoreModel.objects.create(name="Fit", half_life=90, anchor=usual.anchor, warm_at=10, hot_at=40)
    for name, points in HELD.items():
        contact = person(name=name)
        for one, held in zip((usual, model), points, strict=True):
            total = kept(held, AT.now, anchor=one.anchor, half_life=one.half_life)
            last = AT.now - timedelta(days=held, hours=1)
            Score.objects.create(model=one, contact=contact, total=total, last_at=last)
    return model


def test_each_model_is_asked_for_itself(fit, who):
    assert who({"field": "score", "operator": "at_least", "value": 30}) == "Ann Cho"
    assert who({"field": f"score.{fit.pk}", "operator": "at_least", "value": 30}) == "Bob Cho"
    assert who({"field": "grade", "operator": "is_any_of", "value": ["hot"]}) == "Ann"
    assert who({"field": f"grade.{fit.pk}", "operator": "is_any_of", "value": ["hot"]}) == "Bob"
    recent = {"operator": "in_last", "value": {"n": 10, "unit": "days"}}
    assert who({"field": "score_changed", **recent}) == "Bob"
    assert who({"field": f"score_changed.{fit.pk}", **recent}) == "Ann"


def test_fields_name_their_model(fit):
    fields = {field.key: field for field in all_fields()}
    assert {f"score.{fit.pk}", f"grade.{fit.pk}", f"score_changed.{fit.pk}"} <= fields.keys()
    assert f"score.{default_model().pk}" not in fields
    rule = parse(definition({"field": f"grade.{fit.pk}", "operator": "is_any_of", "value": ["hot"]}))
    assert rule.sentence() == "Heat in Fit is “hot”"
    with translation.override("ko"):
        assert rule.sentence() == "Fit의 관심도가 ‘높음’임"


def test_deleted_model_is_named(fit):
    key = f"score.{fit.pk}"
    Score.objects.filter(model=fit).delete()
    fit.delete()
    with pytest.raises(FieldGone, match=key):
        parse(definition({"field": key, "operator": "at_least", "value": 1}))
