"""Accounts: the page with its people, adding, and a stale edit."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.commerce import orders
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile, save
from contacts.errors import Invalid
from contacts.ledger.append import NewEvent, append
from contacts.models import Account, Attribute
from contacts.people import account_tree, accounts
from contacts.people.accounts import AccountProfile
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db


def test_page_tells_who_did_what_and_only_of_visible_people(crowd, person, team, as_, now):
    other = person(team.rita, name="박다른", company="(주)한빛")
    pages = [(crowd.kim, "pricing"), (other, "secret")]
    append(
        [NewEvent(who.pk, "page.viewed", now, properties={"title": title}) for who, title in pages],
        source="test",
        now=now,
    )
    page = as_(team.rob).get(f"/accounts/{crowd.kim.account_id}/").content.decode()
    assert "Viewed the page pricing" in page
    assert "1 person" in page
    assert "박다른" not in page
    assert "secret" not in page
    assert page.count(f'href="/people/{crowd.kim.pk}/"') == 3  # the row, the event, and that she was added


def test_account_posted_twice_is_one_and_a_bad_number_is_refused(team, as_):
    client, token = as_(team.mina), str(uuid4())
    bad = client.post("/accounts/new/", {"name": "누리", "business_number": "1234567890", "token": token})
    assert bad.status_code == 400
    assert Account.objects.count() == 0
    good = {"name": "누리", "business_number": "124-81-00998", "token": token}
    assert client.post("/accounts/new/", good).url == client.post("/accounts/new/", good).url
    assert list(Account.objects.values_list("name", "business_number")) == [("누리", "1248100998")]
    taken = client.post("/accounts/new/", {**good, "token": str(uuid4())})
    assert taken.status_code == 400
    assert Account.objects.count() == 1


def test_stale_edit_shows_both(crowd, team, as_):
    client, url = as_(team.mina), f"/accounts/{crowd.kim.account_id}/edit/"
    assert client.post(url, {"name": "theirs", "version": "1"}).status_code == 302
    answer = client.post(url, {"name": "mine", "version": "1"})
    assert answer.status_code == 409
    for words in ("theirs", "mine", "Somebody else changed this"):
        assert words in answer.content.decode()
    assert Account.objects.get(pk=crowd.kim.account_id).name == "theirs"


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "a\r\nb"}, {"employees": "-5"}, {"owner": "9999"}])
def test_wrong_field_changes_nothing(crowd, team, as_, wrong):
    answer = as_(team.mina).post(f"/accounts/{crowd.kim.account_id}/edit/", {"name": "x", "version": "1", **wrong})
    assert answer.status_code == 400
    assert Account.objects.get(pk=crowd.kim.account_id).name == "㈜한빛"


def test_search_and_paging_of_accounts(crowd, team, as_):
    client = as_(team.mina)
    assert [row.name for row in client.get("/accounts/?q=한빛").context["page"].rows] == ["㈜한빛"]
    assert client.get("/accounts/?cursor=broken").status_code == 400
    assert client.get("/accounts/?q=%00").status_code == 200


def company(name, **fields):
    return accounts.create(AccountProfile(name=name, **fields), now=NOW)


def edit(client, account, field, value, version=1):
    return client.post(f"/accounts/{account.pk}/field/{field}/", {field: value, "version": str(version)})


def test_list_is_sorted_filtered_and_paged_both_ways(team, as_):
    for name, size, city in (("나", 5, "서울"), ("Beta", None, "부산"), ("가", 90, "서울")):
        company(name, employees=size, city=city, industry="IT", owner_id=team.rob.pk if name == "가" else None)
    client = as_(team.mina)

    def names(query):
        return [row.name for row in client.get(f"/accounts/?{query}").context["page"].rows]

    assert names("sort=-size") == ["가", "나", "Beta"]
    assert names("sort=size") == ["Beta", "나", "가"]
    assert names("city=서울&sort=name") == ["가", "나"]
    assert names(f"owner={team.rob.pk}") == ["가"]
    assert names("owner=none&industry=IT") == ["나", "Beta"]  # Hangul first
    assert [row.name for row in as_(team.rob).get("/accounts/?owner=me").context["page"].rows] == ["가"]
    assert client.get("/accounts/?owner=magic").status_code == 400


def test_list_costs_the_same_for_one_and_for_three(team, as_, person):
    client = as_(team.mina)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/accounts/").status_code == 200
        return len(seen)

    person(name="a", company="가")
    client.get("/accounts/")
    one = cost()
    company("나", parent_id=Account.objects.get().pk), person(name="b", company="다")
    assert cost() == one


def test_people_have_roles_and_heat_and_are_filtered_by_role(crowd, person, team, as_, now):
    for name, roles in (("구매", ("buyer",)), ("둘", ("decision_maker", "user"))):
        person(name=name, company="한빛", account_roles=roles)
    account, client = crowd.kim.account, as_(team.mina)
    page = client.get(f"/accounts/{account.pk}/")
    members = {
        member.contact.name: (list(member.roles), member.warmth.heat.value) for member in page.context["page"].rows
    }
    assert members == {
        "구매": (["Buyer"], "cool"), "김철수": ([], "cool"), "둘": (["Decision maker", "User"], "cool"),
    }  # fmt: skip
    buyers = client.get(f"/accounts/{account.pk}/?role=buyer").context["page"].rows
    assert [member.contact.name for member in buyers] == ["구매"]
    assert "Nobody here has this role." in client.get(f"/accounts/{account.pk}/?role=champion").content.decode()
    assert client.get(f"/accounts/{account.pk}/?role=wizard").status_code == 400
    assert client.get(f"/accounts/{account.pk}/?cursor=x").status_code == 400


def test_parents_make_a_tree_without_circles(team, as_):
    top, middle, leaf = company("그룹"), company("지주"), company("자회사")
    client = as_(team.mina)
    assert edit(client, middle, "parent", "그룹").status_code == 302
    assert edit(client, leaf, "parent", "(주)지주").status_code == 302
    page = client.get(f"/accounts/{top.pk}/")
    assert [(branch.account.name, branch.depth) for branch in page.context["below"]] == [("지주", 1), ("자회사", 2)]
    assert [row.name for row in client.get(f"/accounts/{leaf.pk}/").context["above"]] == ["그룹", "지주"]
    for account, version, parent in ((top, 1, "자회사"), (top, 1, "그룹"), (leaf, 2, "없는 회사")):
        assert edit(client, account, "parent", parent, version).status_code == 400
    parents = list(Account.objects.order_by("pk").values_list("parent__name", flat=True))
    assert parents == [None, "그룹", "지주"]


def test_tree_is_at_most_ten_levels_deep(monkeypatch):
    monkeypatch.setattr(account_tree, "DEEPEST", 3)
    above = None
    for level in range(3):
        above = company(f"c{level}", parent_id=above.pk if above else None)
    with pytest.raises(Invalid, match="at most 3 levels"):
        company("c3", parent_id=above.pk)
    new = company("top")
    with pytest.raises(Invalid, match="at most 3 levels"):
        accounts.update(Account.objects.get(name="c0").pk, AccountProfile("c0", parent_id=new.pk), version=1, now=NOW)
    assert Account.objects.filter(parent=new).count() == 0


def test_one_field_is_edited_in_its_place_and_the_others_stay(team, as_):
    Attribute.objects.create(target="account", key="tier", label="Tier", type="choices", choices=["Gold", "Pilot"])
    account = company("누리", city="서울", industry="IT", employees=7, attributes={"tier": ["Gold"]},
                      owner_id=team.rob.pk)  # fmt: skip
    client = as_(team.mina)
    form = client.get(f"/accounts/{account.pk}/field/city/").content.decode()
    assert 'value="서울"' in form
    assert 'name="industry"' not in form
    assert edit(client, account, "city", "부산").status_code == 302
    assert edit(client, account, "attribute-tier", ["Gold", "Pilot"], 2).status_code == 302
    account.refresh_from_db()
    assert (account.city, account.industry, account.employees, account.owner, account.attributes) == (
        "부산", "IT", 7, team.rob, {"tier": ["Gold", "Pilot"]},
    )  # fmt: skip
    assert edit(client, account, "employees", "-3", 3).status_code == 400
    assert edit(client, account, "city", "제주", 1).status_code == 409  # stale: somebody else changed it
    assert client.get(f"/accounts/{account.pk}/field/version/").status_code == 404
    assert client.get(f"/accounts/{account.pk}/field/password/").status_code == 404
    account.refresh_from_db()
    assert (account.city, account.employees, account.version) == ("부산", 7, 3)


def test_orders_and_activity_of_all_its_people(crowd, person, team, as_, now):
    other = person(name="박다른", company="한빛")
    cup = save(ProductProfile(key="P1", name="Cup"))
    for key, who in (("O1", crowd.kim), ("O2", other), ("O3", crowd.lee)):
        orders.place(key, who.pk, [Line(cup, 1, 5)], placed_at=now, now=now)
    client, account = as_(team.mina), crowd.kim.account_id
    assert {order.key for order in client.get(f"/accounts/{account}/orders/").context["orders"]} == {"O1", "O2"}
    assert {order.key for order in client.get(f"/orders/?account={account}").context["page"].rows} == {"O1", "O2"}
    page = client.get(f"/accounts/{account}/timeline/?kind=order.placed")
    assert {event.who for event in page.context["events"]} == {"김철수", "박다른"}
    assert client.get(f"/accounts/{account}/timeline/?before=x").status_code == 404
