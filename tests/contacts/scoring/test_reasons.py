"""Why somebody is warm: the reasons read from entries at hand are those that PostgreSQL gives for a list."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import ScoreEntry, ScoreRule
from contacts.scoring.heat import Heat, default_model, warmth_of
from contacts.scoring.models import Score
from contacts.scoring.reasons import reasons_for, reasons_in
from contacts.scoring.story import story_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def test_reasons_of_one_person_are_those_of_a_list():
    model = default_model()
    rules = [ScoreRule.objects.create(model=model, name=f"Rule {n}", kind="page.viewed", points=1) for n in range(5)]
    given = [
        (0, 1, 9.0),
        (0, 30, 40.0),
        (1, 2, 5.0),
        (2, 91, 500.0),
        (3, 3, -70.0),
        (4, 1, 0.5),
        (1, 80, 1.5),
        (4, 5, 1),
    ]
    for event, (rule, days, points) in enumerate(given):
        ScoreEntry.objects.create(
            model=model,
            rule=rules[rule],
            contact_id=7,
            event_id=event,
            points=points,
            occurred_at=NOW - timedelta(days=days),
        )
    listed = reasons_for([7], model, NOW)[7]
    own = reasons_in(story_of(7, model, NOW).all_entries, model, NOW)
    assert [(one.rule, one.times, one.last_at) for one in own] == [(one.rule, one.times, one.last_at) for one in listed]
    assert [one.rule for one in own] == ["Rule 0", "Rule 1", "Rule 4"]
    assert [one.points for one in own] == pytest.approx([one.points for one in listed], rel=1e-9)
    assert reasons_in([], model, NOW) == []


def test_warmth_and_its_model_come_together(django_assert_num_queries):
    model = default_model()
    Score.objects.create(model=model, contact_id=7, total=0.0, last_at=NOW)
    with django_assert_num_queries(1):
        found, warmth = warmth_of(7, NOW)
    assert (found, warmth.points, warmth.heat) == (model, 0.0, Heat.COOL)
    assert warmth_of(8, NOW)[1].points == 0.0


def test_given_reasons_stand_beside_those_of_rules():
    model = default_model()
    ruled = ScoreRule.objects.create(model=model, name="Rule", kind="page.viewed", points=1)
    given = [(ruled, "", 4.0), (None, "Came to the fair", 3.0), (None, "Came to the fair", 3.0), (None, "A call", 5.0)]
    for event, (rule, reason, points) in enumerate(given):
        ScoreEntry.objects.create(
            model=model, rule=rule, reason=reason, contact_id=7, event_id=event, points=points, occurred_at=NOW
        )
    listed = reasons_for([7], model, NOW)[7]
    assert [reason.sentence(NOW) for reason in listed] == [
        "Came to the fair 2 times, last today",
        "A call, today",
        "Rule, today",
    ]
    assert reasons_in(story_of(7, model, NOW).all_entries, model, NOW) == listed
