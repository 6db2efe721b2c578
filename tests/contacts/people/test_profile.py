"""Creating and changing contacts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection

from contacts.errors import AddressTaken, Invalid, StaleEdit
from contacts.ledger.queries import timeline
from contacts.models import Account, Contact, PostedForm
from contacts.people import ownership, profile
from contacts.people.posted import once
from contacts.people.profile import Profile

pytestmark = pytest.mark.django_db


def kinds(contact):
    return [event.kind for event in reversed(timeline([contact.pk]))]


def test_create_normalises_and_tells_the_ledger(team, now):
    typed = Profile(email=" Kim@Hanbit.Example.COM ", name="김철수", phone="1012345678", company="(주)한빛")
    contact = profile.create(typed, by=team.alice, now=now)
    contact.refresh_from_db()
    assert (contact.email, contact.phone, contact.name) == ("kim@hanbit.example.com", "+821012345678", "김철수")
    assert len(contact.email_key) == 32
    assert (contact.account.name, contact.account.name_key) == ("(주)한빛", "한빛")
    assert kinds(contact) == ["contact.created"]


def test_company_of_another_legal_form_is_the_same_account(person):
    one, two = person(name="A", company="㈜한빛"), person(name="B", company="한빛 주식회사")
    assert one.account_id == two.account_id
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "김철수\r\nBcc: all@example.com"),
        ("name", "a\x00b"),
        ("company", "한빛\n소프트"),
        ("email", "no address"),
        ("email", "a@b"),
        ("phone", "call me"),
        ("city", "x" * 81),
        ("name", "x" * 201),
    ],
)
def test_bad_field_is_refused_and_nothing_is_made(team, now, field, text):
    with pytest.raises(Invalid) as refused:
        profile.create(Profile(**{"email": "a@example.com", field: text}), by=team.alice, now=now)
    assert list(refused.value.errors) == [field]
    assert (Contact.objects.count(), Account.objects.count()) == (0, 0)


def test_empty_person_is_refused(team, now):
    with pytest.raises(Invalid):
        profile.create(Profile(city="서울"), by=team.alice, now=now)
    assert Contact.objects.count() == 0


def test_taken_address_names_the_other(crowd, team, now):
    with pytest.raises(AddressTaken) as taken:
        profile.create(Profile(email="CS.Kim@hanbit.example.com"), by=team.alice, now=now)
    assert taken.value.contact_id == crowd.kim.pk
    with pytest.raises(AddressTaken):
        profile.update(crowd.lee.pk, Profile(email="cs.kim@hanbit.example.com"), version=1, by=team.alice, now=now)
    crowd.lee.refresh_from_db()
    assert (crowd.lee.email, crowd.lee.version) == ("yh.lee@nuri.example.com", 1)


def test_update_changes_and_counts_the_version(crowd, team, now):
    typed = replace(Profile.of(crowd.kim), title="부장", birthday=date(1980, 5, 1))
    changed = profile.update(crowd.kim.pk, typed, version=1, by=team.rob, now=now)
    changed.refresh_from_db()
    assert (changed.title, changed.birthday, changed.version) == ("부장", date(1980, 5, 1), 2)
    last = timeline([changed.pk], kinds=["contact.updated"])[0]
    assert last.properties == {"by": team.rob.pk, "changed": ["birthday", "title"]}


def test_update_without_change_makes_no_event(crowd, team, now):
    profile.update(crowd.kim.pk, Profile.of(crowd.kim), version=1, by=team.rob, now=now)
    assert kinds(crowd.kim) == ["contact.created"]
    assert Contact.objects.get(pk=crowd.kim.pk).version == 1


def test_stale_edit_overwrites_nothing(crowd, team, now):
    mine = replace(Profile.of(crowd.kim), title="mine")
    profile.update(crowd.kim.pk, replace(Profile.of(crowd.kim), title="theirs"), version=1, by=team.rob, now=now)
    with pytest.raises(StaleEdit) as stale:
        profile.update(crowd.kim.pk, mine, version=1, by=team.cleo, now=now)
    assert stale.value.current.title == "theirs"
    assert Contact.objects.get(pk=crowd.kim.pk).title == "theirs"
    assert kinds(crowd.kim) == ["contact.created", "contact.updated"]


def test_owner_change_is_told_once(crowd, team, now):
    ids = [crowd.kim.pk, crowd.lee.pk]
    assert ownership.assign(ids, team.rita, by=team.mina, now=now) == 1
    assert ownership.assign(ids, team.rita, by=team.mina, now=now) == 0
    assert kinds(crowd.kim) == ["contact.created", "owner.changed"]
    assert kinds(crowd.lee) == ["contact.created"]
    assert ownership.assign(ids, None, by=team.mina, now=now) == 2


def test_posted_twice_makes_one():
    token, made = uuid4(), []
    assert once(token, lambda: made.append(7) or 7) == (7, True)
    assert once(token, lambda: made.append(8) or 8) == (7, False)
    assert made == [7]


def test_failed_post_leaves_the_token_free():
    token = uuid4()
    with pytest.raises(Invalid):
        once(token, lambda: (_ for _ in ()).throw(Invalid({})))
    assert once(token, lambda: 9) == (9, True)


@pytest.mark.django_db(transaction=True)
def test_posted_twice_at_the_same_moment_makes_one(team, now):
    token = uuid4()

    def post(_):
        try:
            return once(token, lambda: profile.create(Profile(name="동시"), by=None, now=now).pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert len({made for made, _first in answers}) == 1
    assert sorted(first for _made, first in answers) == [False, False, False, True]
    assert (Contact.objects.count(), PostedForm.objects.count()) == (1, 1)
