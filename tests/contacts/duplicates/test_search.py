"""Who is found as one person, and why; who is not; in ranges, after a kill, and when people change."""

from datetime import timedelta

import pytest

from contacts.duplicates import search
from contacts.identity.merge import merge, unmerge
from contacts.models import Contact, DuplicateKey, DuplicatePair, DuplicateSearch

pytestmark = pytest.mark.django_db

ADDRESSES = [
    ("kim.min@gmail.com", "kimmin@gmail.com", "mailbox"),
    ("lee+news@example.com", "lee@example.com", "mailbox"),
    ("a.b@googlemail.com", "ab@gmail.com", "mailbox"),
    ("park@hanmail.net", "park@daum.net", "mailbox"),
    ("choi@naver.com", "choi@naver.con", "typo"),
    ("jung@gmial.com", "ju.ng@gmail.com", "typo"),
]
STRANGERS = [
    ("k.im@naver.com", "kim@naver.com"),
    ("park@naver.com", "park@daum.net"),
    ("lee@example.com", "lee@example.org"),
    ("+a@example.com", "+b@example.com"),
]


@pytest.mark.parametrize(("one", "other", "why"), ADDRESSES)
def test_variants_of_one_address_are_found(person, searched, one, other, why):
    person(email=one)
    person(email=other)
    assert searched() == {(one, other): (90 if why == "mailbox" else 80, [why])}


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_other_addresses_are_not(person, searched, one, other):
    person(email=one)
    person(email=other)
    assert searched() == {}


SAME_NAMES = [
    ({"name": "김철수", "company": "㈜한빛"}, {"name": "김 철수 님", "company": "한빛 주식회사"}),
    ({"name": "Chulsoo Kim", "company": "Acme Inc."}, {"name": "KIM, chulsoo", "company": "ACME"}),
    ({"name": "José Ruiz", "company": "Sol"}, {"name": "ruiz josé", "company": "sol"}),
]


@pytest.mark.parametrize(("one", "other"), SAME_NAMES)
def test_same_name_and_company_however_written(person, searched, one, other):
    person(**one)
    person(**other)
    assert searched() == {(one["name"], other["name"]): (60, ["name_company"])}


def test_name_or_company_alone_are_not_enough(person, searched):
    for name, company in (("김철수", "한빛"), ("김철수", "누리"), ("이영희", "한빛"), ("김철수", ""), ("", "한빛")):
        person(name=name, company=company, email=f"p{Contact.objects.count()}@example.com")
    assert searched() == {}


def test_phones_weigh_by_name_and_a_shared_switchboard_counts_for_nothing(person, searched):
    person(name="김철수", phone="010-1234-5678")
    person(name="김철수 님", phone="+82 10 1234 5678")
    person(name="Emma", phone="01012345678")
    person(name="가", phone="02-312-3456")
    person(name="나", phone="02-312-3456")
    assert searched() == {
        ("김철수", "김철수 님"): (75, ["phone_name"]),
        ("김철수", "Emma"): (40, ["phone"]),
        ("김철수 님", "Emma"): (40, ["phone"]),
    }


def test_phone_written_before_numbers_were_normalised_is_found(person, searched):
    old = person(name="김철수", phone="010-1234-5678")
    Contact.objects.filter(pk=old.pk).update(phone="010-1234-5678")
    person(name="김철수2", phone="010-1234-5678")
    assert searched() == {("김철수", "김철수2"): (40, ["phone"])}


def test_several_reasons_add_up_the_strongest_first(person, searched):
    for email in ("kim.min@gmail.com", "kimmin@gmail.com"):
        person(name="김민", email=email, company="한빛", phone="010-1234-5678")
    assert searched() == {("김민", "김민"): (99, ["mailbox", "phone_name", "name_company"])}


def test_who_shares_a_key_with_many_meets_five_of_them(person, searched):
    for number in range(9):
        person(name=f"n{number}", phone="010-1234-5678")
    assert len(searched()) == 1 + 2 + 3 + 4 + 5 * 4


def test_search_goes_on_after_a_kill_and_counts_each_pair_once(person, now, monkeypatch):
    monkeypatch.setattr(search, "RANGE", 2)
    for number in range(3):
        person(email=f"k{'.' * (number > 0)}{'im' if number < 2 else 'i.m'}@gmail.com")
    run = search.start(None, now=now)
    (held,) = DuplicateSearch.claim(now)
    search.do_range(held, lambda: now)
    later = now + timedelta(hours=1)
    assert search.run_due(lambda: later)
    run.refresh_from_db()
    assert (run.state, run.step, run.found, run.percent) == ("done", "finished", 3, 100)
    assert DuplicatePair.objects.count() == 3
    assert not search.run_due(lambda: later)


def test_two_searches_at_once_are_one(now):
    assert search.start(None, now=now).pk == search.start(None, now=now).pk
    assert search.run_due(lambda: now)
    assert search.start(None, now=now).pk != DuplicateSearch.objects.earliest("pk").pk


def test_changed_people_are_no_pair_any_more_and_decided_pairs_stay(person, searched, now):
    one, other = person(email="kim@gmail.com"), person(email="k.im@gmail.com")
    third = person(email="ki.m@gmail.com")
    assert len(searched()) == 3
    DuplicatePair.objects.filter(first=one, second=other).update(state="distinct", decided_at=now)
    Contact.objects.filter(pk=third.pk).update(email="lee@gmail.com")
    assert searched() == {}
    assert list(DuplicatePair.objects.values_list("first", "second", "state")) == [(one.pk, other.pk, "distinct")]


def test_merged_people_are_left_out_and_come_back_when_separated(person, searched, now):
    one, other = person(email="kim@gmail.com"), person(email="k.im@gmail.com")
    assert len(searched()) == 1
    done = merge(one.pk, other.pk, by=None, now=now)
    assert searched() == {}
    assert not DuplicateKey.objects.filter(contact=other).exists()
    unmerge(done, now=now)
    assert len(searched()) == 1
