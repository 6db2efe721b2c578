"""Accounts: the page with its people, adding, and a stale edit."""

from uuid import uuid4

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.models import Account

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
    assert client.get("/accounts/?cursor=broken").status_code == 404
    assert client.get("/accounts/?q=%00").status_code == 200
