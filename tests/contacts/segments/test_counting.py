"""Counting what a rule finds before it is saved, as each role may see it."""

import pytest
from django.db import connection

from contacts.everybody import TooSlow
from contacts.models import Contact
from contacts.segments import counting, queries
from contacts.segments.counting import Estimate
from contacts.segments.rules.parsing import parse
from tests.contacts.segments.living import city, make, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(person, team):
    owners = {"Ann": team.rob, "Bob": team.rita, "Cha": None, "Dan": team.rob}
    places = {"Ann": "Lyon", "Bob": "Lyon", "Cha": "Lyon", "Dan": "Oslo"}
    return {name: person(owner, name=name, city=places[name], language="ko") for name, owner in owners.items()}


def asked(*nodes, mode="all"):
    return parse(rule(*nodes, mode=mode))


def test_counts_are_of_those_whom_the_reader_may_see(people, team, now):
    lyon = asked(city("Lyon"))
    assert counting.exact(lyon, team.mina, now) == 3
    assert counting.exact(lyon, team.rob, now) == 2
    assert counting.estimate(lyon, team.mina, now) == Estimate(3, is_exact=True)
    assert [found.name for found in counting.sample(lyon, team.rob, now)] == ["Ann", "Cha"]
    assert [found.name for found in counting.sample(lyon, team.mina, now, 2)] == ["Ann", "Bob"]


def test_large_sets_are_estimated_from_a_slice(db, team, now, monkeypatch):
    monkeypatch.setattr(counting, "SMALL", 0)
    Contact.objects.bulk_create(Contact(name=f"P{n}", city="Lyon" if n % 2 else "Oslo") for n in range(20_000))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_contact WHERE (hashint8(id) & 127) = 0 AND city = 'Lyon'")
        hits = cursor.fetchone()[0]
    found = counting.estimate(asked(city("Lyon")), team.mina, now)
    assert found == Estimate(128 * hits)
    assert 7_000 < found.people < 13_000
    assert counting.estimate(asked(city("Rome")), team.mina, now) == Estimate(5_000, is_bound=True)


def test_near_misses_fail_in_exactly_one_part(people, team, now):
    question = asked(city("Lyon"), {"field": "language", "operator": "is_any_of", "value": ["ko"]})
    assert [(m.contact.name, m.failing) for m in counting.near_misses(question, team.mina, now)] == [("Dan", 0)]
    assert counting.near_misses(question, team.rita, now) == []
    assert counting.near_misses(asked(city("Lyon")), team.mina, now) == []
    assert counting.near_misses(asked(city("Lyon"), city("Oslo"), mode="any"), team.mina, now) == []


def test_a_count_that_takes_too_long_is_given_up(people, team, now, monkeypatch):
    monkeypatch.setattr(counting, "SECONDS", 0.05)
    slow = connection.ops.quote_name("pg_sleep")
    everybody = counting.people_matching
    monkeypatch.setattr(
        counting,
        "people_matching",
        lambda *args: everybody(*args).extra(where=[f"{slow}(0.2) IS NOT NULL"]),
    )
    with pytest.raises(TooSlow, match="background"):
        counting.exact(asked(city("Lyon")), team.mina, now)
    assert Contact.objects.count() == 4


def test_overlap_counts_common_people(people, team, now):
    lyon = make("Lyon", city("Lyon"), now=now)
    korean = make("Korean", {"field": "language", "operator": "is_any_of", "value": ["ko"]}, now=now)
    nobody = make("Rome", city("Rome"), now=now)
    ids = [lyon.pk, korean.pk, nobody.pk]
    assert queries.overlap(queries.members_of(lyon, team.mina), ids) == {lyon.pk: 3, korean.pk: 3, nobody.pk: 0}
    assert queries.overlap(queries.members_of(korean, team.rob), ids) == {lyon.pk: 2, korean.pk: 3, nobody.pk: 0}
    unsaved = counting.people_matching(asked(city("Oslo")), team.mina, now)
    assert queries.overlap(unsaved, ids) == {lyon.pk: 0, korean.pk: 1, nobody.pk: 0}
