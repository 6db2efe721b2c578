"""Points: who gets how many, caps in ledger order, and a replay that gives the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from contacts.errors import StaleEdit
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import Event, Score, ScoreEntry, ScoreModel, ScoreRule
from contacts.scoring import rules
from contacts.scoring.decay import faded, kept, threshold
from contacts.scoring.heat import Heat, Warmth, default_model

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)  # noon in Seoul


@pytest.fixture
def model():
    model = default_model()
    ScoreModel.objects.update(anchor=NOW - timedelta(days=100))
    model.rules.all().delete()
    model.refresh_from_db()
    return model


def rule(model, kind="page.viewed", points=10.0, **fields):
    return ScoreRule.objects.create(model=model, name=f"{kind} {points}", kind=kind, points=points, **fields)


def happened(*events):
    append(events, source="test", now=NOW)
    catch_up(NOW)


def viewed(contact, ago=timedelta(0), **properties):
    return NewEvent(contact, "page.viewed", NOW - ago, properties=properties)


def points_of(contact, model):
    total = Score.objects.get(contact_id=contact, model=model).total
    return faded(total, NOW, anchor=model.anchor, half_life=model.half_life)


def test_points_fade_by_half_after_one_half_life(model):
    rule(model)
    happened(viewed(1), viewed(2, timedelta(days=model.half_life)), viewed(3, timedelta(days=2 * model.half_life)))
    assert [points_of(n, model) for n in (1, 2, 3)] == pytest.approx([10, 5, 2.5], rel=1e-12)


def test_points_of_many_events_and_rules_add_up(model):
    rule(model)
    rule(model, "form.submitted", 15)
    rule(model, "order.placed", -4)
    rule(model, "cart.updated", 99, active=False)
    kinds = ("form.submitted", "order.placed", "cart.updated")
    happened(viewed(1), viewed(1), *(NewEvent(1, kind, NOW) for kind in kinds))
    assert points_of(1, model) == pytest.approx(31)
    assert ScoreEntry.objects.filter(contact_id=1).count() == 4


@pytest.mark.parametrize(
    ("operator", "value", "matching"),
    [
        ("is", "/Pricing", {1}),
        ("is_not", "/pricing", {2, 3, 4}),
        ("contains", "RIC", {1, 2}),
        ("starts", "/p", {1}),
        ("given", "", {1, 2, 3}),
        ("missing", "", {4}),
        ("is", "%' OR true --", set()),
    ],
)
def test_conditions_on_a_text(model, operator, value, matching):
    rule(model, conditions=[{"property": "path", "operator": operator, "value": value}])
    happened(viewed(1, path="/pricing"), viewed(2, path="/my/pricing"), viewed(3, path="/"), viewed(4))
    assert set(ScoreEntry.objects.values_list("contact_id", flat=True)) == matching


@pytest.mark.parametrize(("operator", "matching"), [("at_least", {2, 3}), ("at_most", {1, 2})])
def test_conditions_on_a_number_pass_over_texts(model, operator, matching):
    rule(model, conditions=[{"property": "depth", "operator": operator, "value": "1,000.5"}])
    happened(viewed(1, depth=3), viewed(2, depth=1000.5), viewed(3, depth=2000), viewed(4, depth="2000x"), viewed(5))
    assert set(ScoreEntry.objects.values_list("contact_id", flat=True)) == matching


def test_conditions_on_the_amount_and_the_subject(model):
    rule(model, "order.placed", conditions=[{"property": "value", "operator": "at_least", "value": "50000"}])
    rule(model, "product.viewed", conditions=[{"property": "subject", "operator": "is", "value": "lamp"}])
    happened(
        NewEvent(1, "order.placed", NOW, value=Decimal(50_000)),
        NewEvent(2, "order.placed", NOW, value=Decimal(49_999)),
        NewEvent(3, "product.viewed", NOW, subject=("product", "lamp")),
        NewEvent(4, "product.viewed", NOW, subject=("product", "desk")),
    )
    assert set(ScoreEntry.objects.values_list("contact_id", flat=True)) == {1, 3}


def test_a_cap_counts_per_calendar_day_of_the_company(model):
    capped = rule(model, cap_times=2, cap_period="day")
    # Noon in Seoul is 3:00 UTC; 13 hours before is yesterday there.
    happened(*(viewed(1, timedelta(hours=hours)) for hours in (0, 1, 2, 13, 14, 15)))
    happened(viewed(1), viewed(2))
    days = ScoreEntry.objects.filter(rule=capped, contact_id=1).values_list("bucket", flat=True)
    assert sorted(day.isoformat() for day in days) == ["2026-11-20"] * 2 + ["2026-11-21"] * 2
    assert ScoreEntry.objects.filter(contact_id=2).count() == 1


@pytest.mark.parametrize(("period", "entries"), [("week", 4), ("month", 2), ("ever", 1)])
def test_a_cap_counts_per_longer_period(model, period, entries):
    rule(model, cap_times=1, cap_period=period)
    happened(*(viewed(1, timedelta(days=days)) for days in (0, 1, 7, 8, 14, 24)))
    assert ScoreEntry.objects.count() == entries


def test_caps_and_totals_do_not_depend_on_how_events_are_batched(model):
    rule(model, cap_times=3, cap_period="week")
    rule(model, "form.submitted", 2.5)
    times = [timedelta(hours=7 * n) for n in range(60)]
    for ago in times:
        happened(viewed(1, ago), viewed(2, ago), NewEvent(2, "form.submitted", NOW - ago))
    live = dict(Score.objects.values_list("contact_id", "total"))
    entries = set(ScoreEntry.objects.values_list("contact_id", "rule_id", "event_id"))
    rules._count_anew()
    assert not Score.objects.exists()
    catch_up(NOW)
    assert set(ScoreEntry.objects.values_list("contact_id", "rule_id", "event_id")) == entries
    assert dict(Score.objects.values_list("contact_id", "total")) == pytest.approx(live, rel=1e-9)


def test_a_changed_rule_counts_the_past_anew(model):
    changed = rule(model)
    happened(viewed(1))
    rules.change_rule(changed.pk, {"points": 3.0}, version=1)
    catch_up(NOW)
    assert points_of(1, model) == pytest.approx(3)
    with pytest.raises(StaleEdit):
        rules.change_rule(changed.pk, {"points": 7.0}, version=1)
    rules.delete_rule(changed.pk)
    catch_up(NOW)
    assert not Score.objects.exists()
    assert not ScoreEntry.objects.exists()


def test_the_threshold_in_kept_sums_is_the_score_itself(model):
    decay = {"anchor": model.anchor, "half_life": model.half_life}
    total = kept(model.hot_at, NOW, **decay)
    assert total == pytest.approx(threshold(model.hot_at, NOW, **decay))
    assert Warmth.at(total, model, NOW).heat is Heat.HOT
    assert Warmth.at(total, model, NOW + timedelta(hours=1)).heat is Heat.WARM
    assert Warmth.at(total, model, NOW + timedelta(days=40)).heat is Heat.COOL


def test_becoming_hot_is_told_once_a_day(model):
    rule(model, points=model.hot_at - 1)
    rule(model, "form.submitted", 2)
    happened(viewed(1), viewed(2, timedelta(days=3)), NewEvent(2, "form.submitted", NOW - timedelta(days=3)))
    assert hot_people() == []
    happened(NewEvent(1, "form.submitted", NOW), viewed(1))
    assert hot_people() == [1]
    rules._count_anew()
    catch_up(NOW)
    assert hot_people() == [1]


def hot_people():
    return list(Event.objects.filter(kind__key="lead.hot").values_list("contact_id", flat=True))


def given(contact, points, reason="Came to the fair", ago=timedelta(0), model=None, **facts):
    about = ("score_model", str((model or default_model()).pk))
    return NewEvent(contact, "points.given", NOW - ago, about, Decimal(points), {"reason": reason, **facts})


def test_points_are_given_with_a_reason_and_fade_like_all_of_their_model(model):
    other = ScoreModel.objects.create(name="Fit", half_life=3, anchor=NOW)
    happened(
        given(1, 10),
        given(1, "-2.5", "Asked for a refund"),
        given(2, 8, ago=timedelta(days=model.half_life)),
        given(1, 40, model=other, ago=timedelta(days=3)),
    )
    assert points_of(1, model) == pytest.approx(7.5, rel=1e-12)
    assert points_of(2, model) == pytest.approx(4, rel=1e-12)
    assert points_of(1, other) == pytest.approx(20, rel=1e-12)
    found = ScoreEntry.objects.filter(contact_id=1, model=model).order_by("points")
    assert [(one.rule, one.what, one.points, one.bucket) for one in found] == [
        (None, "Asked for a refund", -2.5, None),
        (None, "Came to the fair", 10, None),
    ]


def test_events_that_give_nothing_are_passed_over(model):
    gone = NewEvent(1, "points.given", NOW, ("score_model", "999999"), Decimal(5), {"reason": "x"})
    nameless = NewEvent(1, "points.given", NOW, None, Decimal(5), {"reason": "x"})
    happened(given(1, 0), given(1, 5, ""), gone, nameless)
    assert not ScoreEntry.objects.exists()
    assert not Score.objects.exists()


@pytest.mark.parametrize(("once", "entries"), [("", 6), ("day", 5), ("week", 4), ("month", 2), ("ever", 1)])
def test_a_reason_counts_once_within_its_time(model, once, entries):
    happened(*(given(1, 3, ago=timedelta(days=days), once=once) for days in (0, 0, 1, 7)))
    happened(*(given(1, 3, ago=timedelta(days=days), once=once) for days in (14, 24)))
    happened(given(1, 1, "Another reason", once=once), given(2, 1, once=once))
    assert ScoreEntry.objects.filter(contact_id=1, reason="Came to the fair").count() == entries
    assert ScoreEntry.objects.count() == entries + 2


def test_given_points_counted_anew_are_those_counted_as_they_came(model):
    rule(model, cap_times=3, cap_period="week")
    spans = ("", "day", "week", "ever")
    for n in range(48):
        facts = {"ago": timedelta(hours=11 * n), "once": spans[n % 4]}
        happened(viewed(1, facts["ago"]), given(1, n % 7 + 1, "abc"[n % 3], **facts), given(2, "-0.5", "d", **facts))
    live = dict(Score.objects.values_list("contact_id", "total"))
    entries = set(ScoreEntry.objects.values_list("contact_id", "rule_id", "event_id", "reason", "bucket"))
    rules._count_anew()
    assert not Score.objects.exists()
    catch_up(NOW)
    assert set(ScoreEntry.objects.values_list("contact_id", "rule_id", "event_id", "reason", "bucket")) == entries
    assert dict(Score.objects.values_list("contact_id", "total")) == pytest.approx(live, rel=1e-9)


def test_given_points_make_hot(model):
    happened(given(1, int(model.hot_at) - 1))
    assert hot_people() == []
    happened(given(1, 2, "A call"))
    assert hot_people() == [1]
