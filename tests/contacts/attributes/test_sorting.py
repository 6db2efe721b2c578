"""Sorting people by an attribute: the index that bears it, whole walks of the list, what is no longer asked for."""

import json
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict

from contacts.attributes import definition, sorting
from contacts.attributes.models import Attribute
from contacts.attributes.tasks import sweep
from contacts.errors import Invalid
from contacts.models import Contact
from contacts.people import queries
from crm.kit import paging
from crm.kit.paging import BadCursor

pytestmark = pytest.mark.django_db
VALUES = {
    "text": ["Zed", "apple", "가나", "김 " + "x" * 900, "김 " + "x" * 900],
    "choice": ["Pro", "Free", "Free", "Pro", "Free"],
    "number": [10, 9, -1, 2.5, 9],
    "money": [1200, 99, 1200, 0, 5],
    "date": [20_000, -5, 0, 20_000, 19_999],
    "datetime": [1_700_000_000_000, 1, 2, 3, 3],
    "boolean": [True, False, True, False, True],
}


def there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'contact_by_attribute_%%' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def sortable(kind, now):
    row = definition.define("contact", "Plan", kind, ["Pro", "Free"])
    sorting.ask(row, now=now)
    arrange(now)
    row.refresh_from_db()
    return row


def arrange(now):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of the test forbids an index
    sorting.arrange(now, concurrently=False)


def walked(user, query, size=2):
    """Return the numbers of the people of each page."""
    found, cursor = [], ""
    while not found or cursor:
        page = queries.people_page(user, QueryDict(f"{query}&cursor={cursor}"), size=size)
        found.append([row.pk for row in page.rows])
        cursor = page.next_cursor
    return found


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_is_walked_both_ways(crowd, person, team, now, kind):
    row = sortable(kind, now)
    people = [person(name=f"P{place}") for place in range(5)]
    for each, value in zip(people, VALUES[kind], strict=True):
        Contact.objects.filter(pk=each.pk).update(attributes={row.key: value, "other": 1})
    key = _hangul_first if kind in sorting.BY_WORDS else (lambda value: value)
    expected = [people[at].pk for at in sorted(range(5), key=lambda at: (key(VALUES[kind][at]), people[at].pk))]
    pages = walked(team.mina, "sort=attribute.plan")
    assert [pk for page in pages for pk in page] == expected
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [pk for page in walked(team.mina, "sort=-attribute.plan") for pk in page] == expected[::-1]
    second = queries.people_page(team.mina, QueryDict("sort=attribute.plan"), size=2).next_cursor
    before = queries.people_page(team.mina, QueryDict(f"sort=attribute.plan&cursor={second}"), size=2).previous_cursor
    first = queries.people_page(team.mina, QueryDict(f"sort=attribute.plan&cursor={before}"), size=2)
    assert [each.pk for each in first.rows] == expected[:2]
    assert queries.people_count(team.mina, QueryDict("sort=attribute.plan")).number == 5
    assert queries.leaves_out(QueryDict("sort=-attribute.plan"))


def _hangul_first(text):
    return (text[:1] < "가", text[: sorting.LETTERS].casefold())


def test_a_page_can_be_read_from_its_index_alone(team, now):
    Contact.objects.bulk_create(
        [Contact(name=f"P{n}", attributes={"plan": n % 50} if n % 4 else {}) for n in range(300)]
    )
    row = sortable("number", now)
    cursor = ""
    with connection.cursor() as plain:  # what the planner would choose of a small table is its affair
        plain.execute("SET LOCAL enable_seqscan = off")
        plain.execute("SET LOCAL enable_sort = off")
    for _page in range(3):
        asked = QueryDict(f"sort=attribute.plan&cursor={cursor}")
        cursor = queries.people_page(team.mina, asked, found=queries.Counted(10_000, exact=False)).next_cursor
        assert cursor
        assert f"contact_by_attribute_{row.pk}" in _plan(team.mina, asked)


def _plan(user, query):
    people = queries.valued(queries.people_found(user, query), query)
    order = queries.order_of(query)
    _back, values = paging.place(query.get("cursor", ""), order)
    people = people.filter(paging._beyond(order, values, back=False)) if values else people
    return json.dumps(json.loads(people.order_by(*order)[:51].explain(format="json")))


def test_index_comes_goes_and_comes_back(crowd, team, now, as_):
    row = definition.define("contact", "Plan", "text")
    desk = as_(team.mina)
    page = f"/settings/attributes/{row.pk}/"
    assert "Let the list be sorted by it" in desk.get(page).content.decode()
    assert not sorting.is_waiting()
    desk.post(page + "sort/")
    assert "The order is being prepared" in desk.get(page).content.decode()
    assert queries.order_of(QueryDict("sort=attribute.plan")) == queries.SORTS["-created"]
    assert sorting.is_waiting()
    for _again in range(2):
        arrange(now)
    assert there() == [f"contact_by_attribute_{row.pk}"]
    assert queries.order_of(QueryDict("sort=-attribute.plan")) == ("-own_value", "-id")
    Contact.objects.filter(pk__in=[crowd.kim.pk, crowd.lee.pk]).update(attributes={"plan": "Pro"})
    for sign, first in (("", crowd.kim.pk), ("-", crowd.lee.pk)):
        shown = desk.get(f"/people/?sort={sign}attribute.plan")
        assert shown.context["page"].rows[0].pk == first
        assert len(shown.context["page"].rows) == 2
    assert "People can be sorted by it" in desk.get(page).content.decode()
    assert "sort=attribute.plan" in desk.get("/people/?columns=name,attribute.plan").content.decode()
    row.refresh_from_db()
    definition.retire(row, now=now)
    arrange(now)
    assert (there(), sorting.is_waiting()) == ([], False)
    definition.bring_back(row)
    arrange(now)
    assert len(there()) == 1
    desk.post(page + "sort/", {"off": "1"})
    arrange(now)
    row.refresh_from_db()
    assert (there(), row.sort_asked_at, row.sort_ready_at) == ([], None, None)


def test_index_of_a_deleted_attribute_goes(now):
    row = sortable("text", now)
    assert len(there()) == 1
    definition.delete(row)
    arrange(now)
    assert there() == []


def test_not_every_attribute_can_be_sorted_by(team, now, as_, monkeypatch):
    several = definition.define("contact", "Colours", "choices", ["Red"])
    of_account = definition.define("account", "Size", "number")
    for row in (several, of_account):
        with pytest.raises(Invalid):
            sorting.ask(row, now=now)
        assert (
            "Order of the list of people" not in as_(team.mina).get(f"/settings/attributes/{row.pk}/").content.decode()
        )
    monkeypatch.setattr(sorting, "MOST", 1)
    sortable("text", now)
    second = definition.define("contact", "Second", "text")
    with pytest.raises(Invalid):
        sorting.ask(second, now=now)
    assert Attribute.objects.sorting().count() == 1


def test_a_cursor_of_another_order_is_refused_or_harmless(crowd, team, now):
    sortable("date", now)
    Contact.objects.filter(pk=crowd.kim.pk).update(attributes={"plan": date(2026, 1, 1).toordinal()})
    with pytest.raises(BadCursor):
        queries.people_page(team.mina, QueryDict("sort=attribute.plan&cursor=abc"))
    foreign = queries.people_page(team.mina, QueryDict("sort=name"), size=1).next_cursor
    page = queries.people_page(team.mina, QueryDict(f"sort=attribute.plan&cursor={foreign}"))
    assert [row.pk for row in page.rows] in ([], [crowd.kim.pk])


@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_it_beside_other_work(team, now):
    row = definition.define("contact", "Plan", "text")
    Contact.objects.create(name="Ann", attributes={"plan": "Pro"})
    sorting.ask(row, now=now)
    sorting.arrange(now)
    assert there() == [f"contact_by_attribute_{row.pk}"]
    sorting.give_up(row)
    sorting.arrange(now)
    assert there() == []
    sweep()
