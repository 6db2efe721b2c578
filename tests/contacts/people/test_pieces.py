"""Which pieces of a word the index is asked for; what is found never depends on it."""

import pytest
from django.db import connection

from contacts.people import pieces
from contacts.people.models import Contact
from contacts.people.search import matching

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget():
    pieces._Memory.read.clear()
    yield
    pieces._Memory.read.clear()


def test_pieces_are_the_rarest_and_none_when_all_are_common(monkeypatch):
    shares = {"ma": 0.3, "ai": 0.4, "il": 0.5, "l.": 0.26, ".q": 0.01}
    monkeypatch.setattr(pieces, "_shares", lambda: shares)
    assert pieces.rarest("mail.q") == [".q", "l.", "ma"]
    assert pieces.rarest("mail.") == []
    assert pieces.rarest("mailx") == ["lx", "ma", "ai"]
    assert pieces.rarest("aaaa") == ["aa"]


def test_shares_are_those_of_the_statistics_and_results_stay_the_same(person):
    people = [person(name=f"Person {n}", email=f"p{n}@mail.example") for n in range(40)]
    other = person(name="Solo", email="solo@example.net")
    assert pieces.rarest("mail.example") == ["ma", "ai", "il"]  # nothing is known yet
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact")
    pieces._Memory.read.clear()
    assert pieces._shares()["ex"] == 1.0
    assert pieces.rarest("mail.example") == []
    for typed, wanted in (("mail.example", people), ("example", [*people, other]), ("solo", [other]), ("plexa", [])):
        assert list(matching(Contact.objects.all(), typed).order_by("pk")) == wanted, typed
