"""The trail follows what people do through every door, and nothing else; it only grows."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from contacts.attributes.models import Attribute
from contacts.lists.models import Tag
from contacts.models import Contact
from contacts.people import profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Company, Door, Role, TrailEntry, User
from crm.team.trail import acting, record
from crm.team.trail.acting import Actor


def _facts(entry: TrailEntry) -> tuple[object, ...]:
    return entry.by_id, entry.door, entry.kind, entry.object_id, entry.verb, entry.part, entry.before, entry.after


@pytest.fixture
def mina(team) -> Contact:
    return profile.create(Profile(name="김미나", email="mina@example.com"), by=team[Role.MARKETER], now=clock.now())


def test_person_added_on_a_page_says_who_from_where_and_what(client, team):
    emma = team[Role.MARKETER]
    client.force_login(emma)
    client.post(
        reverse("contacts:person-add"), {"name": "Grace Seo", "phone": "010-1234-5678"}, REMOTE_ADDR="203.0.113.77"
    )
    person = Contact.objects.get()
    (entry,) = TrailEntry.objects.filter(kind="contact")
    assert _facts(entry)[:6] == (emma.pk, Door.PAGE, "contact", person.pk, "added", "")
    assert (entry.place, entry.network, entry.label) == ("contacts:person-add", "203.0.113.0/24", "Grace Seo")
    assert entry.before is None
    assert entry.after["name"] == "Grace Seo"
    assert not {"sort_key", "search_text", "email_key", "version", "id"} & entry.after.keys()


def test_change_holds_before_and_after_of_what_changed_alone(team, mina):
    emma = team[Role.MARKETER]
    mina.attributes = {"plan": "free", "seats": 3}
    mina.save()
    with acting.acting(Actor(emma, Door.API, through="shop")):
        mina.attributes = {"plan": "team", "seats": 3}
        mina.title, mina.version = "부장", mina.version + 1
        mina.save()
        mina.save()
    (entry,) = TrailEntry.objects.filter(kind="contact")
    assert _facts(entry) == (
        emma.pk, Door.API, "contact", mina.pk, "changed", "",
        {"attributes.plan": "free"}, {"attributes.plan": "team", "title": "부장"},
    )  # fmt: skip
    assert (entry.through, entry.label) == ("shop", "김미나")


def test_tag_is_part_of_the_person(client, team, mina):
    client.force_login(team[Role.MARKETER])
    client.post(reverse("contacts:person-tag", args=[mina.pk]), {"name": "vip"})
    tag = Tag.objects.get()
    entry = TrailEntry.objects.get(part="tag")
    assert _facts(entry)[2:] == ("contact", mina.pk, "added", "tag", None, {"tag_id": tag.pk})


def test_machines_leave_no_entry_but_what_happens_to_users_is_always_kept(team, mina):
    Contact.objects.update(name="Other")
    assert not TrailEntry.objects.filter(kind="contact").exists()
    TrailEntry.objects.filter()
    User.objects.filter(pk=team[Role.ANALYST].pk).update(role=Role.ADMIN)
    entry = TrailEntry.objects.order_by("-pk")[0]
    assert _facts(entry) == (
        None, Door.SYSTEM, "user", team[Role.ANALYST].pk, "changed", "", {"role": "analyst"}, {"role": "admin"},
    )  # fmt: skip


def test_password_is_never_kept(client, team):
    alice = team[Role.ADMIN]
    alice.set_password("another-lantern-43")
    alice.save()
    entry = TrailEntry.objects.order_by("-pk")[0]
    assert (entry.before, entry.after) == ({"password": "•••"}, {"password": "•••"})


def test_refused_change_leaves_no_entry(client, team, mina):
    client.force_login(team[Role.ANALYST])
    before = TrailEntry.objects.count()
    assert client.post(reverse("contacts:person-tag", args=[mina.pk]), {"name": "vip"}).status_code == 403
    with transaction.atomic(), acting.acting(Actor(None, Door.JOB)):
        Contact.objects.update(name="Nobody")
        transaction.set_rollback(True)
    assert TrailEntry.objects.count() == before


def test_nobody_acts_after_a_request_and_nobody_in_a_harmless_one(client, team, mina):
    client.force_login(team[Role.MARKETER])
    client.post(reverse("contacts:person-tag", args=[mina.pk]), {"name": "vip"})
    client.get(reverse("contacts:person", args=[mina.pk]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('wayfare.trail', true)")
        assert cursor.fetchone() == ("",)


def test_many_at_once_are_one_entry(team, mina):
    with acting.acting(Actor(team[Role.ADMIN], Door.PAGE)):
        with acting.in_one_entry():
            Contact.objects.update(title="x")
            record.record("contact", None, "changed", now=clock.now(), after={"title": "x", "people": 1})
        Contact.objects.update(title="y")
    verbs = [(e.object_id, e.after) for e in TrailEntry.objects.filter(kind="contact").order_by("pk")]
    assert verbs == [(None, {"title": "x", "people": 1}), (mina.pk, {"title": "y"})]


def test_long_values_are_cut(team):
    with acting.acting(Actor(team[Role.ADMIN], Door.PAGE)):
        Attribute.objects.create(key="plan", label="Plan", type="choice", choices=["x" * 100] * 10)
    entry = TrailEntry.objects.get(kind="attribute")
    assert len(entry.after["choices"]) == 601
    assert entry.label == "Plan"


@pytest.mark.parametrize("statement", ["UPDATE team_trail SET label = 'x'", "DELETE FROM team_trail"])
def test_entries_are_neither_changed_nor_deleted(team, statement):
    Company.objects.create(name="Harbour")
    seen = list(TrailEntry.objects.order_by("pk").values())
    assert len(seen) == 6  # five users, a company
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(TrailEntry.objects.order_by("pk").values()) == seen


def test_retention_deletes_what_is_old_and_erasure_blanks_one_object(team, mina):
    now = clock.now()
    record.record("contact", mina.pk, "changed", now=now - timedelta(days=800), label="old", after={"name": "old"})
    record.record("contact", mina.pk, "changed", now=now, label="김미나", after={"name": "김미나"})
    record.record("contact", mina.pk + 1, "changed", now=now, label="other", after={"name": "other"})
    assert record.forget(now - timedelta(days=700)) == 1
    assert record.blank("contact", [mina.pk]) == 1
    left = TrailEntry.objects.filter(kind="contact").order_by("pk").values_list("label", "after")
    assert list(left) == [("", None), ("other", {"name": "other"})]
    with pytest.raises(DatabaseError), transaction.atomic():
        TrailEntry.objects.all().delete()
