"""Who was in a segment when: stays, sizes by day, moves, and the filter of the people list."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict

from contacts.models import Contact, SegmentSize
from contacts.people.filters import BadFilter, chips, filtered
from contacts.people.labels import labels_of
from contacts.segments import hand, history, queries
from tests.contacts.segments.living import city, make

pytestmark = pytest.mark.django_db
# Midnight in Seoul is 15:00 UTC.
FIRST = datetime(2026, 11, 10, 14, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=2)
THIRD = FIRST + timedelta(days=3)


@pytest.fixture
def lived(person, team):
    """Ann from the start; Bob from the 11th to the 13th; Cha put in on the 13th."""
    people = {name: person(team.rob, name=name, city=place) for name, place in
              {"Ann": "Lyon", "Bob": "Oslo", "Cha": "Oslo"}.items()}  # fmt: skip
    segment = make("Lyon", city("Lyon"), now=FIRST)
    type(segment).objects.filter(pk=segment.pk).update(created_at=FIRST)
    hand.include(segment, [people["Bob"].pk], by=team.mina, now=SECOND)
    hand.leave_to_rule(segment, [people["Bob"].pk], now=THIRD)
    hand.include(segment, [people["Cha"].pk], by=team.mina, now=THIRD)
    segment.refresh_from_db()
    return segment


def names(query, user):
    people = filtered(Contact.objects.visible_to(user), QueryDict(query), user)
    return " ".join(sorted(people.values_list("name", flat=True)))


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", "Ann Cha"),
        (":on:2026-11-09", ""),
        (":on:2026-11-10", "Ann"),
        (":on:2026-11-11", "Ann Bob"),
        (":on:2026-11-12", "Ann Bob"),
        (":on:2026-11-13", "Ann Cha"),
        (":entered:2026-11-10", "Ann"),
        (":entered:2026-11-11", "Bob"),
        (":entered:2026-11-13", "Cha"),
        (":left:2026-11-13", "Bob"),
        (":left:2026-11-11", ""),
    ],
)
def test_the_list_opens_who_was_in_when(lived, team, rest, expected):
    assert names(f"segment={lived.pk}{rest}", team.mina) == expected
    assert names(f"segment={lived.pk}{rest}", team.rita) == ""


@pytest.mark.parametrize(
    "value", ["x", "0", "-1", "5:on", "5:on:", "5:on:2026-13-01", "5:was:2026-11-01", "5:on:9999-12-31"]
)
def test_nonsense_is_refused(lived, team, value):
    with pytest.raises(BadFilter):
        names(f"segment={value}", team.mina)


def test_chips_name_the_segment(lived):
    found = chips(QueryDict(f"segment={lived.pk}&segment={lived.pk}:left:2026-11-13&segment=9999999"))
    assert [chip.label for chip in found] == [
        "Segment: Lyon", "Segment: Lyon, left on Fri, Nov 13, 2026", "Segment: deleted",
    ]  # fmt: skip


def test_sizes_are_those_of_each_day_and_made_up_for_after_a_stop(lived, team):
    assert history.record_sizes(FIRST + timedelta(days=2)) == 2
    assert history.record_sizes(FIRST + timedelta(days=2)) == 0
    assert history.record_sizes(FIRST + timedelta(days=5)) == 3
    expected = [(date(2026, 11, day), n) for day, n in ((10, 1), (11, 2), (12, 2), (13, 2), (14, 2), (15, 2))]
    assert history.sizes(lived, FIRST + timedelta(days=5)) == expected
    assert SegmentSize.objects.count() == 5
    for day, n in expected[:-1]:
        assert len(names(f"segment={lived.pk}:on:{day}", team.mina).split()) == n
    assert queries.sparks([lived], FIRST + timedelta(days=5), days=2) == {lived.pk: [2, 2, 2]}


def test_moves_are_the_newest_first_without_the_first_build(lived, team):
    moves = [(move.contact.name, move.at, move.entered) for move in history.recent_moves(lived, team.mina)]
    assert moves == [("Bob", THIRD, False), ("Cha", THIRD, True), ("Bob", SECOND, True)] or moves == [
        ("Cha", THIRD, True), ("Bob", THIRD, False), ("Bob", SECOND, True),
    ]  # fmt: skip
    assert history.recent_moves(lived, team.rita) == []


def test_a_person_knows_her_segments(lived, team):
    bob = Contact.objects.get(name="Bob")
    cha = Contact.objects.get(name="Cha")
    assert [(stay.name, stay.since) for stay in labels_of(cha.pk).segments] == [("Lyon", THIRD)]
    assert [(stay.entered_at, stay.left_at) for stay in queries.past_segments_of(bob)] == [(SECOND, THIRD)]
    assert not labels_of(bob.pk).segments
    assert [(held.contact.name, held.included, held.by) for held in queries.decided_by_hand(lived, team.mina)] == [
        ("Cha", True, team.mina)
    ]


def test_pages_of_members_and_segments_cost_the_same_for_one_and_for_three(
    lived, team, person, now, django_assert_num_queries
):
    with django_assert_num_queries(4):
        assert [row.name for row in queries.members_page(lived, team.mina, "").rows] == ["Ann", "Cha"]
    make("Other", city("Oslo"), now=now)
    with django_assert_num_queries(1):
        found = queries.segments_page("", "", "name", "").rows
        assert [(row.name, row.build.percent) for row in found] == [("Lyon", 100), ("Other", 100)]
    assert [row.name for row in queries.segments_page("OTH", "", "-people", "").rows] == ["Other"]


def test_turnover_counts_stays_that_began_and_ended_since_without_the_first_build(lived):
    assert history.turnover(lived, FIRST) == (2, 1)
    assert history.turnover(lived, THIRD) == (1, 1)
    assert history.turnover(lived, THIRD + timedelta(seconds=1)) == (0, 0)
    lived.filled_at = None  # it was never built
    assert history.turnover(lived, FIRST) == (0, 1)
