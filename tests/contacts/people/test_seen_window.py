"""The order "last seen" of very many: the same pages, of fewer people sorted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from contacts.models import ContactSeen
from contacts.people import queries, seen_window
from crm.kit.paging import BadCursor

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(person, now):
    """Eleven people seen one hour after another, the last two at the same moment."""
    people = [person(name=f"P{n}", email=f"p{n}@example.com") for n in range(11)]
    for place, each in enumerate(people):
        ContactSeen.objects.create(contact=each, last_seen_at=now - timedelta(hours=max(1, 10 - place)))
    return [each.pk for each in people]


def page(user, sort, cursor=""):
    asked = QueryDict(mutable=True)
    asked.update({"sort": sort, "cursor": cursor})
    return queries.people_page(user, asked, size=3)


@pytest.mark.parametrize("stretch", [1, 4, 5, 11, 50])
@pytest.mark.parametrize("sort", ["seen", "-seen"])
def test_pages_are_the_same_with_a_stretch_and_back_again(seen, team, monkeypatch, sort, stretch):
    monkeypatch.setattr(seen_window, "LARGE", -2)
    monkeypatch.setattr(seen_window, "_STRETCH", stretch)
    pages, cursor = [], ""
    for _ in range(4):
        pages.append(page(team.mina, sort, cursor))
        cursor = pages[-1].next_cursor
    wanted = seen if sort == "seen" else seen[::-1]
    assert [row.pk for each in pages for row in each.rows] == wanted
    assert cursor == ""
    back = page(team.mina, sort, pages[2].previous_cursor)
    assert [row.pk for row in back.rows] == wanted[3:6]
    assert [row.pk for row in page(team.mina, sort, back.previous_cursor).rows] == wanted[:3]


def test_only_the_stretch_is_sorted_when_it_holds_the_page(seen, team, monkeypatch):
    monkeypatch.setattr(seen_window, "LARGE", -2)
    monkeypatch.setattr(seen_window, "_STRETCH", 6)
    with CaptureQueriesContext(connection) as asked:
        page(team.mina, "-seen")
    lists = [query["sql"] for query in asked.captured_queries if 'ORDER BY "contact_seen"' in query["sql"]]
    assert len(lists) == 1
    assert '"contact_seen"."last_seen_at" >= ' in lists[0]


def test_few_are_sorted_as_they_are(seen, team):
    with CaptureQueriesContext(connection) as asked:
        page(team.mina, "-seen")
    assert not any("TABLESAMPLE" in query["sql"] for query in asked.captured_queries)


@pytest.mark.parametrize("cursor", ["W2ZhbHNlLDEsMV0", "W2ZhbHNlLCJ4IiwxXQ"])
def test_a_place_that_is_no_time_is_told(seen, team, monkeypatch, cursor):
    monkeypatch.setattr(seen_window, "LARGE", -2)
    with pytest.raises(BadCursor):
        page(team.mina, "-seen", cursor)
