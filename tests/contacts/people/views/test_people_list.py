"""The people list: what it shows, what it costs, and acts on many."""

from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from contacts.acts import views as act_pages
from contacts.consent.record import Proof, record
from contacts.lists import membership
from contacts.models import BulkAct, Contact, FixedList, ListMember, Stage
from contacts.people import pieces, queries

pytestmark = pytest.mark.django_db


def names_in(answer):
    return [contact.display_name for contact in answer.context["page"].rows]


def test_sort_by_name_puts_hangul_first(crowd, person, team, as_):
    for name in ("Zed", "가나", "하늘"):
        person(name=name)
    answer = as_(team.mina).get("/people/?sort=name")
    assert names_in(answer) == ["가나", "김철수", "이영희", "하늘", "apple", "Emma Park", "Zed"]
    back = as_(team.mina).get("/people/?sort=-name")
    assert names_in(back) == names_in(answer)[::-1]


@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created"])
def test_leafing_shows_everyone_once(crowd, person, team, as_, monkeypatch, sort):
    for number in range(7):
        person(name=f"사람 {number % 3}", email=f"p{number}@example.com")

    whole = queries.people_page
    monkeypatch.setattr(queries, "people_page", lambda user, query, found: whole(user, query, size=4, found=found))
    client, seen, cursor = as_(team.mina), [], ""
    for _ in range(3):
        answer = client.get("/people/", {"sort": sort, "cursor": cursor})
        seen += [contact.pk for contact in answer.context["page"].rows]
        cursor = answer.context["page"].next_cursor
    assert len(seen) == 11
    assert len(set(seen)) == 11
    assert cursor == ""
    order = queries.SORTS[sort]
    assert seen == list(Contact.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.parametrize("url", ["/people/", "/accounts/", "/lists/", "/orders/", "/products/"])
def test_one_row_and_three_cost_the_same(team, person, as_, now, url):
    def make(number):
        contact = person(name=f"이름{number}", email=f"n{number}@example.com", company=f"회사{number}")
        membership.tag(membership.tag_named(f"tag{number}"), [contact.pk], by=team.mina, now=now)
        proof = Proof(source="form")
        record(contact.pk, "marketing", "email", "granted", at=now, proof=proof, now=now)
        shelf = FixedList.objects.create(name=f"list{number}")
        membership.add(shelf, [contact.pk], by=team.mina, now=now)
        from contacts.commerce import orders
        from contacts.commerce.products import ProductProfile, save

        product = save(ProductProfile(key=f"P{number}", name=f"Product {number}"))
        orders.place(f"O{number}", contact.pk, [orders.Line(product, 1, 5)], placed_at=now, now=now)

    client = as_(team.mina)
    make(1)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    make(2)
    make(3)
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(three) == len(one)
    assert len(one) <= 15


def test_wrong_address_shows_nobody_and_says_why(crowd, team, as_):
    client = as_(team.mina)
    for query in ("tag=abc", "cursor=broken", "event=no.such"):
        answer = client.get(f"/people/?{query}")
        assert answer.status_code == 400
        assert "김철수" not in answer.content.decode()
    assert "tag=abc" in client.get("/people/?tag=abc").content.decode()


def test_unknown_sort_and_nul_in_search_are_harmless(crowd, team, as_):
    assert as_(team.mina).get("/people/", {"sort": "email;--", "q": "a\x00"}).status_code == 200


def test_empty_house_teaches(team, as_):
    page = as_(team.mina).get("/people/").content.decode()
    assert "Nobody is here yet" in page
    assert "Add a person" in page


def test_act_is_confirmed_first(crowd, team, as_):
    client = as_(team.mina)
    data = {"act": "tag", "contact": [crowd.kim.pk, crowd.lee.pk], "query": "sort=name"}
    page = client.post("/people/act/", data)
    assert page.status_code == 200
    assert "2 people" in page.content.decode()
    assert Contact.objects.filter(tag_links__isnull=False).count() == 0
    done = client.post("/people/act/", {**data, "sure": "1", "name": "전시회"})
    assert done.url == "/people/?sort=name"
    assert set(Contact.objects.filter(tag_links__tag__name="전시회")) == {crowd.kim, crowd.lee}


def test_act_on_everyone_found_becomes_a_list(crowd, team, as_):
    data = {"act": "list", "sure": "1", "everyone": "1", "query": "known=yes", "name": "Known"}
    as_(team.mina).post("/people/act/", data)
    assert set(ListMember.objects.values_list("contact", flat=True)) == {crowd.kim.pk, crowd.lee.pk, crowd.park.pk}


@pytest.mark.parametrize(
    "data",
    [
        {"act": "owner", "owner": "999999"},
        {"act": "stage", "stage": "x"},
        {"act": "list", "list": ""},
        {"act": "tag", "name": "a\r\nb"},
        {"act": "tag", "name": "x" * 61},
    ],
)
def test_act_with_a_wrong_answer_changes_nothing(crowd, team, as_, data):
    answer = as_(team.mina).post("/people/act/", {**data, "sure": "1", "contact": [crowd.kim.pk]})
    assert answer.status_code == 400
    kim = Contact.objects.get(pk=crowd.kim.pk)
    assert (kim.owner, kim.stage, kim.tag_links.count(), FixedList.objects.count()) == (team.rob, None, 0, 0)


def test_act_without_people_or_kind_is_told(crowd, team, as_):
    client = as_(team.mina)
    assert client.post("/people/act/", {"act": "tag", "sure": "1", "name": "x"}).status_code == 302
    assert client.post("/people/act/", {"act": "drop", "contact": [crowd.kim.pk]}).status_code == 302
    assert client.post("/people/act/", {"act": "tag", "contact": ["x"]}).status_code == 302
    assert Contact.objects.filter(tag_links__isnull=False).count() == 0


def test_too_many_are_refused_before_the_first(crowd, team, as_, monkeypatch):
    monkeypatch.setattr(act_pages, "LIMIT", 2)
    everyone = {"sure": "1", "everyone": "1", "query": ""}
    stage = Stage.objects.get(model__in_use=True, key="educate")
    answer = as_(team.mina).post("/people/act/", {"act": "stage", "stage": stage.pk, **everyone})
    assert answer.status_code == 400
    as_(team.mina).post("/people/act/", {"act": "list", "name": "All", **everyone})
    assert (Contact.objects.filter(stage=stage).count(), FixedList.objects.count()) == (0, 0)
    assert not BulkAct.objects.exists()


def test_form_posted_twice_adds_one(team, as_):
    client, data = as_(team.rob), {"name": "새 사람", "token": str(uuid4())}
    first, second = client.post("/people/new/", data), client.post("/people/new/", data)
    assert first.url == second.url
    added = Contact.objects.get()
    assert (added.name, added.owner) == ("새 사람", team.rob)


def test_address_of_a_person_one_may_not_see_leads_nowhere(crowd, team, as_):
    page = as_(team.rob).post("/people/new/", {"email": "yh.lee@nuri.example.com", "token": str(uuid4())})
    assert page.status_code == 400
    assert f"/people/{crowd.lee.pk}/" not in page.content.decode()
    mine = as_(team.rob).post("/people/new/", {"email": "cs.kim@hanbit.example.com", "token": str(uuid4())})
    assert f"/people/{crowd.kim.pk}/" in mine.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"contact": ["9" * 30]},
        {"contact": ["-1"]},
        {"everyone": "1", "query": "tag=x"},
        {"everyone": "1", "query": "known=yes\r\nSet-Cookie: a=b", "name": "x\x00"},
        {"everyone": "1", "query": "\r\nX: y", "name": "ok"},
    ],
)
def test_altered_act_is_no_fault_of_ours(crowd, team, as_, data):
    answer = as_(team.mina).post("/people/act/", {"act": "tag", "sure": "1", "name": "ok", **data})
    assert answer.status_code in (302, 400)
    assert "Set-Cookie: a=b" not in str(answer.headers)
    assert Contact.objects.filter(tag_links__isnull=False).count() in (0, 4)  # the last one means everybody


@pytest.mark.parametrize(
    "url",
    ["/people/999999999999999999999999/", "/people/?q=%ED%A0%80", "/people/?created_from=0001-01-01",
     "/lists/99999999999999999999/",
     "/accounts/?q=%25", "/orders/?status=none&q=%00", "/products/?cursor=AAAA", "/people/?sort=seen&cursor=e30"],
)  # fmt: skip
def test_altered_address_is_no_fault_of_ours(crowd, team, as_, url):
    assert as_(team.mina).get(url).status_code in (200, 400, 404)


def test_pages_cost_few_queries(crowd, team, as_):
    client = as_(team.rob)
    for url, most in (
        (f"/people/{crowd.kim.pk}/", 15),
        ("/people/?known=yes", 14),
        ("/people/?known=yes&sort=-seen", 15),
        (f"/accounts/{crowd.kim.account_id}/", 15),
    ):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        assert len(queries) <= most, url


def test_many_found_are_met_in_their_order_without_the_index_of_pieces(crowd, team, monkeypatch):
    monkeypatch.setattr(pieces, "_shares", dict)  # as before any ANALYZE, and without a query that reads them
    asked = QueryDict("q=example&sort=name")
    for found, sign in ((queries.Counted(5, exact=True), True), (queries.Counted(5, exact=False), False)):
        with CaptureQueriesContext(connection) as asked_for:
            page = queries.people_page(team.mina, asked, found=found)
        assert ("ngrams2" in asked_for.captured_queries[0]["sql"]) is sign
        assert [row.display_name for row in page.rows] == ["김철수", "이영희", "Emma Park"]


def test_few_people_are_found_before_they_are_sorted(crowd, team):
    asked, parts = QueryDict("owner=none&sort=name"), []

    def noted(execute, sql, params, many, context):
        parts.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noted):
        page = queries.people_page(team.mina, asked, found=queries.people_count(team.mina, asked))
    assert [row.display_name for row in page.rows] == ["apple", "Emma Park"]
    counted, listed = parts[0], parts[1]
    assert "count(*)" in counted[0]
    assert "owner_id" in counted[0]
    condition = listed[0].partition("WHERE")[2].partition("ORDER BY")[0].strip()
    assert condition == "(contacts_contact.id = ANY(%s::bigint[]))"
    apple, park = (Contact.objects.get(name=name).pk for name in ("apple", "Emma Park"))
    assert set(listed[1][0]) == {apple, park}


@pytest.mark.parametrize("few", [1, 4, 5, 1000])
def test_members_come_by_name_whatever_their_number(person, team, as_, now, monkeypatch, few):
    people = [person(name=name, email=f"{place}@example.com") for place, name in enumerate("하타카차바")]
    party = FixedList.objects.create(name="Party")
    membership.add(party, [each.pk for each in people], by=team.mina, now=now)
    monkeypatch.setattr(queries, "FEW", few)
    page = queries.members_page(party, team.mina, "")
    assert [row.display_name for row in page.rows] == ["바", "차", "카", "타", "하"]


def test_lists_and_tags_say_how_many(person, team, as_, now):
    kim, lee = person(name="Kim"), person(name="Lee")
    party, empty = FixedList.objects.create(name="Party"), FixedList.objects.create(name="Empty")
    membership.add(party, [kim.pk, lee.pk], by=team.mina, now=now)
    membership.tag(membership.tag_named("vip"), [kim.pk], by=team.mina, now=now)
    membership.tag_named("new")
    assert [(row.pk, row.people) for row in queries.lists_with_counts()] == [(empty.pk, 0), (party.pk, 2)]
    assert [(row.name, row.people) for row in queries.tags_with_counts()] == [("new", 0), ("vip", 1)]


def test_nobody_costs_no_second_query(crowd, team):
    people = Contact.objects.visible_to(team.mina).filter(city="Nowhere")
    with CaptureQueriesContext(connection) as found:
        assert list(queries.counted(people, 10).first_found(people)) == []
    assert len(found) == 1


def test_many_people_are_read_in_their_order(crowd, team, monkeypatch):
    people = Contact.objects.visible_to(team.mina)
    monkeypatch.setattr(queries, "FEW", people.count() - 1)
    total = queries.counted(people, 10)
    assert (total.number, total.exact, total.ids) == (people.count(), True, None)
    assert total.first_found(people) is people


def test_a_count_that_ends_early_notes_nobody(crowd, team):
    people = Contact.objects.visible_to(team.mina)
    assert queries.counted(people, 2) == queries.Counted(2, exact=False)
    assert set(queries.counted(people, people.count()).ids) == set(people.values_list("pk", flat=True))


def test_many_are_counted_after_the_page(crowd, team, as_, monkeypatch):
    client = as_(team.mina)
    assert "/people/count/" not in client.get("/people/").content.decode()
    monkeypatch.setattr(queries, "COUNT_LIMIT", 2)
    page = client.get("/people/", {"owner": ["none", team.rob.pk]}).content.decode()
    assert "More than 2 people" in page
    where = f"/people/count/?owner=none&amp;owner={team.rob.pk}"
    assert f'hx-get="{where}"' in page
    assert client.get(where.replace("&amp;", "&")).content.decode() == "3 people"
    assert as_(team.rob).get("/people/count/").content.decode() == "3 people"
    assert client.get("/people/count/?stage=x").status_code == 400


def test_a_count_that_takes_too_long_says_as_much_as_is_known(crowd, team, as_, monkeypatch):
    everybody = queries.people_found
    monkeypatch.setattr(queries, "PATIENCE", 0.05)
    monkeypatch.setattr(queries, "COUNT_LIMIT", 2)

    def found(user, query, **how):
        return everybody(user, query, **how).extra(where=["pg_sleep(0.03) IS NOT NULL"])

    monkeypatch.setattr(queries, "people_found", found)
    assert as_(team.mina).get("/people/count/").content.decode() == "More than 2 people"


def test_colleagues_people_are_nobody_for_a_rep(crowd, person, team, as_):
    person(name="Rita's own", owner=team.rita)
    assert names_in(as_(team.mina).get("/people/", {"owner": team.rita.pk})) == ["Rita's own", "이영희"]
    with CaptureQueriesContext(connection) as found:
        answer = as_(team.rob).get("/people/", {"owner": team.rita.pk})
    assert names_in(answer) == []
    assert not [query for query in found if 'COUNT(*) FROM (SELECT "contacts_contact"' in query["sql"]]
