"""Two contacts become one: rows, events, states follow; late hits under the old id too; and back again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from contacts.consent.record import Proof, record
from contacts.identity.merge import WrongMerge, identify, merge, unmerge
from contacts.identity.models import Merge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import (
    ConsentState,
    Contact,
    ContactSeen,
    ContactState,
    ContactTag,
    Event,
    FixedList,
    ListMember,
    Order,
    SubjectCounter,
    SubjectState,
    Tag,
)
from contacts.people.address import email_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def person(name, email=None, **fields):
    return Contact.objects.create(name=name, email=email, email_key=email_key(email) if email else "", **fields)


@pytest.fixture
def alice():
    return person("Alice", "alice@example.com", attributes={"plan": "pro"})


@pytest.fixture
def visitor():
    return person("", phone="+821012345678", birthday=date(1990, 1, 2), attributes={"plan": "free", "size": "L"})


def viewed(contact, hours=1, subject=("page", "/pricing")):
    return NewEvent(contact.pk, "page.viewed", NOW - timedelta(hours=hours), subject)


def product(contact, hours=1):
    return NewEvent(contact.pk, "product.viewed", NOW - timedelta(hours=hours), ("product", "hat"))


def tell(*events):
    append(events, source="t", now=NOW)
    catch_up(NOW)


def viewed_by(contact):
    return dict(ContactState.objects.filter(contact=contact).values_list("kind__key", "n"))


def everything():
    """Return all that followers keep, to compare before and after."""
    return (
        sorted(
            ContactState.objects.exclude(kind__key__startswith="contact.").values_list(
                "contact", "kind", "n", "last_at"
            )
        ),
        sorted(SubjectState.objects.values_list("contact", "kind", "subject", "n", "last_at")),
        sorted(SubjectCounter.objects.values_list("subject", "kind", "n", "people")),
        sorted(ContactSeen.objects.values_list("contact", "last_seen_at")),
    )


def test_events_and_what_follows_from_them_go_to_the_one_that_stays(alice, visitor):
    tell(viewed(alice, 1), viewed(visitor, 5), product(alice), product(visitor, 2), product(visitor, 3))
    merge(alice.pk, visitor.pk, by=None, now=NOW)
    catch_up(NOW)
    assert viewed_by(alice) == {"page.viewed": 2, "product.viewed": 3, "contact.merged": 1}
    assert viewed_by(visitor) == {}
    assert set(Event.objects.values_list("contact_id", flat=True)) == {alice.pk}
    moved = Event.objects.exclude(origin_contact_id=None)
    assert set(moved.values_list("origin_contact_id", flat=True)) == {visitor.pk}
    counter = SubjectCounter.objects.get(subject__key="hat")
    assert (counter.n, counter.people) == (3, 1)
    assert SubjectState.objects.get(subject__key="hat").n == 3


def test_a_hit_in_flight_under_the_old_id_is_the_winners(alice, visitor):
    merge(alice.pk, visitor.pk, by=None, now=NOW)
    catch_up(NOW)
    tell(viewed(visitor, 0.5))
    assert viewed_by(alice) == {"contact.merged": 1, "page.viewed": 1}
    assert viewed_by(visitor) == {}
    event = Event.objects.get(kind__key="page.viewed")
    assert (event.contact_id, event.origin_contact_id) == (alice.pk, visitor.pk)


def test_merge_then_unmerge_leaves_everything_as_it_was(alice, visitor):
    tell(viewed(alice, 1), viewed(visitor, 5), product(alice), product(visitor, 2))
    tag = Tag.objects.create(name="vip")
    ContactTag.objects.create(tag=tag, contact=visitor)
    before = everything()
    profile = Contact.objects.values_list("phone", "birthday", "attributes").get(pk=alice.pk)
    unmerge(merge(alice.pk, visitor.pk, by=None, now=NOW), now=NOW)
    catch_up(NOW)
    assert everything() == before
    done = merge(alice.pk, visitor.pk, by=None, now=NOW)
    catch_up(NOW)
    assert everything() != before
    unmerge(done, now=NOW)
    catch_up(NOW)
    assert everything() == before
    assert ContactTag.objects.get().contact_id == visitor.pk
    assert Contact.objects.values_list("phone", "birthday", "attributes").get(pk=alice.pk) == profile
    assert not Event.objects.exclude(origin_contact_id=None).exists()


def test_a_chain_of_merges_ends_at_the_last_one(alice, visitor):
    bob = person("Bob", "bob@example.com")
    tell(viewed(alice), viewed(visitor), viewed(bob))
    first = merge(alice.pk, visitor.pk, by=None, now=NOW)
    second = merge(bob.pk, alice.pk, by=None, now=NOW)
    catch_up(NOW)
    assert viewed_by(bob)["page.viewed"] == 3
    unmerge(second, now=NOW)
    catch_up(NOW)
    assert (viewed_by(bob)["page.viewed"], viewed_by(alice)["page.viewed"]) == (1, 2)
    unmerge(first, now=NOW)
    catch_up(NOW)
    assert {viewed_by(one)["page.viewed"] for one in (alice, bob, visitor)} == {1}


def test_rows_follow_and_like_rows_stay(alice, visitor):
    both, only = FixedList.objects.create(name="both"), FixedList.objects.create(name="only")
    for fixed_list, contact in ((both, alice), (both, visitor), (only, visitor)):
        ListMember.objects.create(fixed_list=fixed_list, contact=contact)
    order = Order.objects.create(key="1", contact=visitor, placed_at=NOW, total=Decimal(5), currency="KRW")
    merge(alice.pk, visitor.pk, by=None, now=NOW)
    assert set(ListMember.objects.filter(contact=alice).values_list("fixed_list__name", flat=True)) == {"both", "only"}
    assert ListMember.objects.filter(contact=visitor).count() == 1
    order.refresh_from_db()
    assert order.contact_id == alice.pk
    alice.refresh_from_db()
    assert (alice.name, alice.phone, alice.attributes) == ("Alice", "+821012345678", {"plan": "pro", "size": "L"})


@pytest.mark.parametrize(("hours", "holds"), [(1, "withdrawn"), (3, "granted")])
def test_the_newest_statement_of_either_holds(alice, visitor, hours, holds):
    proof = Proof(source="form")
    record(alice.pk, "marketing", "email", "granted", at=NOW - timedelta(hours=2), proof=proof, now=NOW)
    record(visitor.pk, "marketing", "email", "withdrawn", at=NOW - timedelta(hours=hours), proof=proof, now=NOW)
    done = merge(alice.pk, visitor.pk, by=None, now=NOW)
    assert ConsentState.objects.get(contact=alice).decision == holds
    assert not ConsentState.objects.filter(contact=visitor).exists()
    unmerge(done, now=NOW)
    assert ConsentState.objects.get(contact=alice).decision == "granted"
    assert ConsentState.objects.get(contact=visitor).decision == "withdrawn"


def test_what_cannot_be_merged_is_refused_and_nothing_changes(alice, visitor):
    with pytest.raises(WrongMerge, match="not two"):
        merge(alice.pk, alice.pk, by=None, now=NOW)
    with pytest.raises(WrongMerge, match="not two"):
        merge(alice.pk, 999_999, by=None, now=NOW)
    with pytest.raises(WrongMerge, match="cannot absorb a known person"):
        merge(visitor.pk, alice.pk, by=None, now=NOW)
    assert Merge.objects.count() == Event.objects.count() == 0
    done = merge(alice.pk, visitor.pk, by=None, now=NOW)
    with pytest.raises(WrongMerge, match="was merged before"):
        merge(alice.pk, visitor.pk, by=None, now=NOW)
    unmerge(done, now=NOW)
    with pytest.raises(WrongMerge, match="was undone before"):
        unmerge(done, now=NOW)
    assert Event.objects.count() == 2


def test_an_address_that_is_taken_stops_the_undoing(alice):
    other = person("Alice again", "a2@example.com")
    done = merge(alice.pk, other.pk, by=None, now=NOW)
    person("Newcomer", "a2@example.com")
    with pytest.raises(WrongMerge, match="belongs to another contact now"):
        unmerge(done, now=NOW)
    other.refresh_from_db()
    done.refresh_from_db()
    assert (other.merged_into_id, done.undone_at) == (alice.pk, None)


def test_a_visitor_who_tells_a_known_address_is_that_person(alice, visitor):
    assert identify(visitor.pk, " ALICE@example.com", now=NOW) == alice.pk
    assert identify(visitor.pk, "alice@example.com", now=NOW) == alice.pk
    assert Merge.objects.count() == 1


def test_a_visitor_who_tells_a_new_address_keeps_her_id(visitor):
    assert identify(visitor.pk, "new@example.com", now=NOW) == visitor.pk
    visitor.refresh_from_db()
    assert (visitor.email, visitor.email_key) == ("new@example.com", email_key("new@example.com"))
