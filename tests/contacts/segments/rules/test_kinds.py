"""Every change of what a field reads brings an event of a kind that the field names."""

from decimal import Decimal

import pytest

from contacts.commerce import orders, products
from contacts.consent import exclusion
from contacts.consent.record import Proof, record
from contacts.leads import taking
from contacts.ledger.follow import catch_up
from contacts.ledger.kinds import KINDS
from contacts.lists import fixed, membership
from contacts.models import Event
from contacts.people import ownership, profile
from contacts.people.profile import Profile
from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import BIRTHS
from contacts.stages.models import Stage
from contacts.stages.moving import move
from contacts.topics import said
from contacts.topics.models import Topic
from tests.contacts.segments.conftest import definition

pytestmark = pytest.mark.django_db


def kinds(field):
    operator = {"boolean": "yes", "many": "filled", "score": "at_least", "grade": "is_any_of"}.get(
        FIELDS[field].type, "given"
    )
    value = {"at_least": 1, "is_any_of": ["hot"]}.get(operator)
    if field == "topics_wanted":
        topic = Topic.objects.get_or_create(name="Events")[0]
        operator, value = "has_any_of", [topic.pk]
    if field.startswith("consent."):
        operator, value = "is_any_of", ["granted"]
    return parse(
        definition({"field": field, "operator": operator} | ({} if value is None else {"value": value}))
    ).kinds()


def edit(person, now, **fields):
    row = profile.Contact.objects.get(pk=person.pk)
    changed = Profile(**{**{name: getattr(Profile.of(row), name) for name in Profile.__dataclass_fields__}, **fields})
    profile.update(person.pk, changed, version=row.version, by=None, now=now)


PROFILE = ("city", "company", "birthday", "age", "account", "account.name", "email", "known", "changed_at", "excluded")
ORDERS = ("orders", "spent", "order_last", "bought", "bought_brand", "order_average")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (lambda p, t, now: edit(p, now, city="Jeju"), PROFILE),
        (lambda p, t, now: membership.tag(membership.tag_named("VIP"), [p.pk], by=None, now=now), ("tags",)),
        (
            lambda p, t, now: membership.add(fixed.create("F", "", by=None, now=now), [p.pk], by=None, now=now),
            ("lists",),
        ),
        (
            lambda p, t, now: move([p.pk], Stage.objects.first(), cause="person", by=None, now=now),
            ("stage", "stage_since", "stage_ever", "changed_at"),
        ),
        (lambda p, t, now: ownership.assign([p.pk], t.rita, by=t.alice, now=now), ("owner", "changed_at")),
        (lambda p, t, now: taking.take(p.pk, by=t.rob, now=now), ("owner", "changed_at")),
        (
            lambda p, t, now: record(p.pk, "marketing", "email", "granted", at=now, proof=Proof("form"), now=now),
            ("consent.marketing.email", "consent_since.marketing.email", "topics_wanted"),
        ),
        (
            lambda p, t, now: said.record(
                [p.pk], {Topic.objects.get_or_create(name="Events")[0].pk: False}, at=now, proof=Proof("form"), now=now
            ),
            ("topics_refused", "topics_wanted"),
        ),
        (lambda p, t, now: exclusion.exclude(p, "by phone", by=t.alice, now=now), ("excluded", "excluded_why")),
        (
            lambda p, t, now: orders.place(
                "o1", p.pk, [orders.Line(products.save(products.ProductProfile("tea", "Tea")), 1, Decimal(9))],
                placed_at=now, now=now,
            ),
            ORDERS,
        ),
    ],
)  # fmt: skip
def test_change_is_told(crowd, team, now, change, fields):
    catch_up(now)
    before = set(Event.objects.values_list("pk", flat=True))
    change(profile.Contact.objects.get(pk=crowd.park.pk), team, now)
    told = set(Event.objects.exclude(pk__in=before).filter(contact=crowd.park.pk).values_list("kind__key", flat=True))
    assert told
    for field in fields:
        assert told & (kinds(field) - BIRTHS), (field, told)


def test_every_kind_that_a_field_names_is_registered():
    for field in FIELDS.keys():  # noqa: SIM118 - a registry
        assert [kind for kind in sorted(kinds(field)) if kind not in KINDS] == [], field


def test_a_new_or_merged_person_may_match_anything():
    for field in FIELDS.keys():  # noqa: SIM118 - a registry
        if field != "segments":
            assert kinds(field) >= BIRTHS
