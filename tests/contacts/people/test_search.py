"""Finding people by what is typed."""

import pytest
from django.db import connection

from contacts.models import Contact
from contacts.people.search import matching, wanted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "kim lee park caller"),
        ("철수", "kim"),
        ("김철", "kim"),
        ("김철ㅅ", "kim"),  # the last syllable is still in composition
        ("한빛", "kim"),
        ("HANBIT", "kim"),
        ("emma park", "park"),
        ("park emma", "park"),
        ("100%", "park"),
        ("1%0", ""),
        ("park_1", "park"),
        ("parkx1", ""),
        ("5678", "kim"),
        ("010-1234", "kim"),
        ("01012345678", "kim"),
        ("02-312", "caller"),
        ("ㄱㅊㅅ", "kim"),
        ("ㅇㅎ", "lee"),
        ("ㄱㅅ", ""),
        ("ㄳ", ""),
        ("ㄱㄳ", ""),
        ("ㄱ", "kim"),
        ("ㅎ", ""),
        ("김", "kim"),
        ("e", "park"),
        ("A", "caller"),
        ("철", ""),
        ("\\", ""),
        ("a\x00b", ""),
        ("김 철수", "kim"),
        ("nobody", ""),
        ("x" * 5000, ""),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_search_finds_exactly(crowd, typed, expected, many):
    names = {getattr(crowd, key).pk: key for key in ("kim", "lee", "park", "caller")}
    people = matching(Contact.objects.live(), typed, many=many).order_by("pk")
    assert [names[pk] for pk in people.values_list("pk", flat=True)] == expected.split()


def test_initials_pass_over_spaces_and_tell_double_consonants_apart(person):
    spaced, double = person(name="김 철수"), person(name="깐깐이")
    assert list(matching(Contact.objects.all(), "ㄱㅊㅅ")) == [spaced]
    assert list(matching(Contact.objects.all(), "ㄲㄲ")) == [double]


def test_decomposed_hangul_is_composed_first():
    assert wanted("\u1100\u1175\u11b7\u110e\u1165\u11af") == "김철"


@pytest.mark.parametrize(("typed", "index"), [("철수", "contact_search"), ("ㄱㅊㅅ", "contact_initials")])
def test_search_goes_through_its_index(crowd, typed, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert index in matching(Contact.objects.all(), typed).order_by().explain()
