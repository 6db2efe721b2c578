"""Values to choose for a field, with how many of those whom the reader may see have them."""

import pytest

from contacts.attributes import definition as attributes
from contacts.lists import membership
from contacts.models import Contact
from contacts.segments import suggesting
from contacts.segments.rules.fields.named import all_fields, field_named
from contacts.segments.suggesting import suggest

pytestmark = pytest.mark.django_db


def offered(key, user, typed=""):
    return [(one.label, one.count) for one in suggest(field_named(key), typed, user)]


@pytest.fixture
def people(person, team, now):
    for label, kind in (("Plan", "choice"), ("Motto", "text"), ("Likes", "list")):
        attributes.define("contact", label, kind, ["pro", "free"] if kind == "choice" else ())
    facts = {
        "Ann": {"plan": "pro", "motto": "Carpe diem", "likes": ["tea", "go"]},
        "Bob": {"plan": "pro", "motto": "carpe noctem", "likes": ["tea"]},
        "Cho": {},
    }
    owners = {"Ann": team.rob, "Bob": team.rita, "Cho": None}
    city = {"Ann": "Oslo", "Bob": "Oslo", "Cho": "Bern"}
    ids = {name: person(owners[name], name=name, city=city[name], attributes=facts[name]).pk for name in facts}
    membership.tag(membership.tag_named("VIP"), [ids["Ann"], ids["Bob"]], by=None, now=now)
    membership.tag_named("Nobody's")
    Contact.objects.filter(pk=ids["Ann"]).update(account_roles=["buyer"])
    return ids


def test_texts_are_those_that_people_have(people, team):
    assert offered("city", team.mina) == [("Oslo", 2), ("Bern", 1)]
    assert offered("city", team.mina, "OS") == [("Oslo", 2)]
    assert offered("city", team.mina, "%") == []
    assert offered("attribute.motto", team.mina, "carpe") == [("Carpe diem", 1), ("carpe noctem", 1)]
    assert offered("attribute.likes", team.mina) == [("tea", 2), ("go", 1)]


def test_choices_are_offered_in_their_order(people, team):
    assert offered("attribute.plan", team.mina) == [("pro", 2), ("free", 0)]
    assert offered("tags", team.mina) == [("Nobody's", 0), ("VIP", 2)]
    assert offered("owner", team.mina, "ro") == [("Rob", 1)]
    assert ("Buyer", 1) in offered("account_roles", team.mina)


def test_a_rep_counts_her_own(people, team):
    assert offered("city", team.rob) == [("Bern", 1), ("Oslo", 1)]
    assert offered("attribute.likes", team.rob) == [("go", 1), ("tea", 1)]
    assert offered("tags", team.rob) == [("Nobody's", 0), ("VIP", 1)]


def test_from_the_slice_of_very_many(people, team, monkeypatch):
    monkeypatch.setattr(suggesting, "SMALL", 0)
    in_slice = Contact.objects.extra(where=["(hashint8(id) & 127) = 0"]).filter(city="Oslo").count()
    assert dict(offered("city", team.mina)).get("Oslo", 0) == 128 * in_slice
    assert {count for _label, count in offered("owner", team.mina)} <= {None, 128, 256}


def test_every_field_offers_something_or_nothing(people, team):
    for field in all_fields():
        for typed in ("", "a'; --%"):
            assert len(suggest(field, typed, team.mina)) <= 20
