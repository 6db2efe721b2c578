"""Changes that are no event of the person, such as those of her account or her mailbox, are noted all the same."""

from dataclasses import replace
from decimal import Decimal

import pytest

from contacts.account_roles import roles
from contacts.commerce import orders, products
from contacts.consent.suppress import Mailbox, suppress
from contacts.lists import fixed, labels, membership
from contacts.people import accounts, profile
from contacts.people.accounts import AccountProfile
from contacts.people.models import Contact
from contacts.people.profile import Profile
from contacts.scoring import rules as scoring_rules
from contacts.scoring.heat import default_model
from contacts.segments import saving
from contacts.segments.models import Segment, SegmentState, SegmentTouch
from tests.contacts.segments.conftest import definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading(team, now):
    """Save a segment that reads a field; then whom changes note is what `noted` returns."""

    def save(field, operator, **more):
        node = {"field": field, "operator": operator, **more}
        saving.create(saving.Draft(f"Reads {field}", "", definition(node)), by=team.mina, now=now)
        SegmentTouch.objects.all().delete()

    return save


def noted():
    return sorted(SegmentTouch.objects.values_list("contact_id", flat=True))


def test_edit_of_an_account(crowd, reading, now):
    account = Contact.objects.get(pk=crowd.kim.pk).account
    accounts.update(account.pk, AccountProfile(name="한빛", city="서울"), version=1, now=now)
    assert noted() == []  # no segment reads accounts
    reading("account.city", "given")
    accounts.update(account.pk, AccountProfile(name="한빛", city="부산"), version=2, now=now)
    assert noted() == [crowd.kim.pk]


def test_colleagues_of_who_goes_to_another_account(person, team, now):
    kim, lee, park = (person(name=name, email=f"{name}@x.example.com", company="Hanbit") for name in ("k", "l", "p"))
    node = {"people_of_account": "any", "rule": {"all": [{"did": "order.placed"}]}}
    saving.create(saving.Draft("Buyers' colleagues", "", definition(node)), by=team.mina, now=now)
    SegmentTouch.objects.all().delete()
    profile.update(lee.pk, replace(Profile.of(lee), title="CEO"), version=1, by=team.alice, now=now)
    assert noted() == []  # her event says it
    profile.update(lee.pk, replace(Profile.of(lee), title="CEO", company="Nuri"), version=2, by=team.alice, now=now)
    assert noted() == [kim.pk, park.pk]


def test_mailbox_left_out(crowd, reading, now):
    reading("excluded", "yes")
    box = Mailbox(crowd.lee.email_key, "hard_bounce", now)
    assert suppress([box]) == 1
    assert noted() == [crowd.lee.pk]
    assert suppress([box]) == 0
    assert noted() == [crowd.lee.pk]


def test_deleted_tag_list_and_role(crowd, reading, now):
    tag = membership.tag_named("VIP")
    members = fixed.create("Fair", "", by=None, now=now)
    membership.tag(tag, [crowd.lee.pk], by=None, now=now)
    membership.add(members, [crowd.park.pk], by=None, now=now)
    Contact.objects.filter(pk=crowd.kim.pk).update(account_roles=["buyer"])
    for field in ("tags", "lists", "account_roles"):
        reading(field, "empty")
    labels.delete(tag)
    assert noted() == [crowd.lee.pk]
    fixed.delete(members)
    assert noted() == sorted([crowd.lee.pk, crowd.park.pk])
    roles.delete(roles.AccountRole.objects.get(key="buyer"))
    assert noted() == sorted([crowd.lee.pk, crowd.park.pk, crowd.kim.pk])
    assert Contact.objects.get(pk=crowd.kim.pk).account_roles == []


def test_product_in_another_category(crowd, reading, now):
    profile = products.ProductProfile("tea", "Tea", category="Drinks")
    tea = products.save(profile)
    orders.place("o1", crowd.park.pk, [orders.Line(tea, 1, Decimal(9))], placed_at=now, now=now)
    reading("bought_category", "filled")
    products.save(profile, tea)
    assert noted() == []
    products.save(products.ProductProfile("tea", "Tea", category="Food"), tea)
    assert noted() == [crowd.park.pk]


def test_scores_counted_anew_have_their_readers_built_anew(team, reading, now):
    reading("score", "at_least", value=50)
    reading("city", "given")
    Segment.objects.update(state=SegmentState.READY)
    model = default_model()
    scoring_rules.change_model(model.pk, {"hot_at": 70.0}, version=model.version)
    assert dict(Segment.objects.values_list("name", "state")) == {"Reads score": "building", "Reads city": "ready"}
