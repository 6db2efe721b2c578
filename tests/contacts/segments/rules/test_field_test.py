"""Fields and operators: who matches, by name, and what a missing value means."""

import pytest

from contacts.attributes import definition as attributes
from contacts.consent.record import Proof, record
from contacts.lists import membership
from contacts.topics import said
from contacts.topics.models import Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(person, team, now):
    """Ann (Seoul, pro, tagged), Bob (Busan, 3 seats), Cho (nothing known)."""
    for label, kind in (("Plan", "choice"), ("Seats", "number"), ("Likes", "list")):
        attributes.define("contact", label, kind, ["pro", "free"] if kind == "choice" else ())
    ann = person(
        team.rob,
        name="Ann",
        email="ann@hanbit.example.com",
        city="Seoul",
        account_roles=["user", "buyer"],
        attributes={"plan": "pro", "seats": 12, "likes": ["tea", "go"]},
    )
    bob = person(
        name="Bob",
        email="bob@nuri.example.com",
        city="Busan",
        account_roles=["buyer"],
        attributes={"plan": "free", "seats": 3, "likes": ["tea"]},
    )
    cho = person(name="Cho", phone="010-1234-5678")
    vip, new = membership.tag_named("VIP"), membership.tag_named("New")
    membership.tag(vip, [ann.pk, bob.pk], by=None, now=now)
    membership.tag(new, [ann.pk], by=None, now=now)
    return {"ann": ann, "bob": bob, "cho": cho, "vip": vip.pk, "new": new.pk, "rob": team.rob.pk}


NOBODY, EVERYBODY = "", "Ann Bob Cho"


@pytest.mark.parametrize(
    ("field", "operator", "value", "names"),
    [
        ("city", "is", "seoul", "Ann"),
        ("city", "is_not", "SEOUL", "Bob Cho"),
        ("city", "is", "서울특별시", "Ann"),
        ("city", "is_any_of", ["서울시", "Busan"], "Ann Bob"),
        ("city", "given", None, "Ann Bob"),
        ("city", "missing", None, "Cho"),
        ("email_domain", "ends", ".example.com", "Ann Bob"),
        ("known", "no", None, "Cho"),
        ("attribute.plan", "is_any_of", ["pro"], "Ann"),
        ("attribute.plan", "is_none_of", ["pro"], "Bob Cho"),
        ("attribute.seats", "equals", 12, "Ann"),
        ("attribute.seats", "at_most", 3.0, "Bob"),
        ("attribute.seats", "between_not", [4, 12], "Bob Cho"),
        ("attribute.likes", "has_all_of", ["tea", "go"], "Ann"),
        ("attribute.likes", "has_none_of", ["go"], "Bob Cho"),
        ("account_roles", "has_exactly", ["buyer"], "Bob"),
        ("account_roles", "has_exactly", ["user", "buyer"], "Ann"),
        ("attribute.likes", "count_at_most", 1, "Bob Cho"),
        ("attribute.likes", "empty", None, "Cho"),
    ],
)
def test_operator(people, who, field, operator, value, names):
    assert who({"field": field, "operator": operator} | ({} if value is None else {"value": value})) == names


def test_topics(people, who, now):
    events, offers = (Topic.objects.create(name=name).pk for name in ("Events", "Offers"))
    proof = Proof("test")
    for name, decision in (("ann", "granted"), ("bob", "granted"), ("cho", "withdrawn")):
        record(people[name].pk, "marketing", "email", decision, at=now, proof=proof, now=now)
    for name, topic, wanted in (("ann", events, False), ("ann", offers, True), ("cho", events, False)):
        said.record([people[name].pk], {topic: wanted}, at=now, proof=proof, now=now)

    def asked(field, operator, *topics):
        return who({"field": field, "operator": operator, "value": list(topics)})

    assert asked("topics_refused", "has_any_of", events, offers) == "Ann Cho"
    assert asked("topics_refused", "has_none_of", events) == "Bob"
    assert who({"field": "topics_refused", "operator": "empty"}) == "Bob"
    assert asked("topics_wanted", "has_any_of", events) == "Bob"
    assert asked("topics_wanted", "has_any_of", events, offers) == "Ann Bob"
    assert asked("topics_wanted", "has_all_of", events, offers) == "Bob"
    assert asked("topics_wanted", "has_none_of", events) == "Ann Cho"


def test_tags(people, who):
    def asked(operator, *tags):
        return who({"field": "tags", "operator": operator, "value": [people[tag] for tag in tags]})

    assert asked("has_any_of", "vip", "new") == "Ann Bob"
    assert asked("has_all_of", "vip", "new") == "Ann"
    assert asked("has_none_of", "new") == "Bob Cho"
    assert who({"field": "tags", "operator": "count_at_most", "value": 1}) == "Bob Cho"
    assert who({"field": "tags", "operator": "count_at_least", "value": 0}) == EVERYBODY
    assert who({"field": "tags", "operator": "empty"}) == "Cho"


def test_groups(people, who):
    seoul = {"field": "city", "operator": "is", "value": "Seoul"}
    owned = {"field": "owner", "operator": "given"}
    assert who(seoul, owned, mode="any") == "Ann"
    assert who(seoul, mode="none") == "Bob Cho"
    assert who({"any": []}) == NOBODY
    assert who(mode="none") == EVERYBODY
    assert who({"field": "owner", "operator": "is_none_of", "value": [people["rob"]]}) == "Bob Cho"
