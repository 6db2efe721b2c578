"""A Korean place is written one way, whoever wrote it; other places are left alone."""

import pytest

from contacts.people import accounts, place
from contacts.people.accounts import AccountProfile
from contacts.people.place import _PLACES


@pytest.mark.parametrize("text", ["서울", "서울시", "서울특별시", "Seoul", " seoul ", "서울 특별시"])
def test_names_of_seoul_are_one(text):
    assert (place.region(text.strip()), place.city(text.strip(), "KR")) == ("서울특별시", "서울")


@pytest.mark.parametrize(
    ("text", "official"),
    [("강원도", "강원특별자치도"), ("전라북도", "전북특별자치도"), ("충남", "충청남도"), ("Jeju-do", "제주특별자치도"),
     ("Gyeonggi-do", "경기도"), ("경북", "경상북도"), ("세종시", "세종특별자치시")],
)  # fmt: skip
def test_provinces_have_their_name_of_today(text, official):
    assert place.region(text) == official


@pytest.mark.parametrize("text", ["", "강남구", "광주시", "수원", "Springfield", "서울역"])
def test_other_places_stay_as_they_are(text):
    assert (place.region(text), place.city(text)) == (text, text)


def test_names_mean_korean_places_only_there():
    assert (place.region("Seoul", "US"), place.city("Daegu", "JP")) == ("Seoul", "Daegu")


def test_table_gives_no_name_to_two_places():
    names = [name for row in _PLACES for name in (row[0], row[1], *row[2].split())]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_people_and_accounts_are_saved_with_it(person, now):
    kim = person(name="a", region="서울시", city="Seoul", country="KR")
    assert (kim.region, kim.city) == ("서울특별시", "서울")
    assert person(name="b", region="Seoul", country="US").region == "Seoul"
    assert accounts.create(AccountProfile("c", city="부산광역시"), now=now).city == "부산"
