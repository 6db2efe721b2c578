"""Accounts by heat, walked from the warm end of the index; and those whose contract ends soon."""

from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from contacts.models import Account, Score, ScoreModel
from contacts.people import account_queries, accounts
from contacts.people.accounts import AccountProfile
from contacts.people.filters import BadFilter
from tests.contacts.conftest import NOW

pytestmark = pytest.mark.django_db
POINTS = {"가": (5.0, 9.0), "나": (9.0,), "다": (1.0, 1.0, 2.0), "라": (), "마": (30.0,)}


@pytest.fixture
def warm(person, team):
    """Five companies; the one person of 마 is Rita's."""
    model = ScoreModel.objects.order_by("pk")[0]
    for company, totals in POINTS.items():
        accounts.create(AccountProfile(name=company), now=NOW)
        for total in totals:
            who = person(team.rita if company == "마" else team.rob, name=f"{company}{total}", company=company)
            Score.objects.create(model=model, contact=who, total=total, last_at=NOW)
    return model


def walked(user, query="sort=-heat", size=2):
    """Return all names, leafing page by page, with what was told of their heat."""
    found, cursor = [], ""
    while True:
        asked = QueryDict(f"{query}&cursor={cursor}")
        page = account_queries.accounts_page(user, asked, now=NOW, size=size)
        found += [(row.name, row.heat_total) for row in page.rows]
        if not (cursor := page.next_cursor):
            return found


def test_each_account_comes_once_through_its_warmest(warm, team):
    best = [("마", 30.0), ("나", 9.0), ("가", 9.0), ("다", 2.0), ("라", 0.0)]
    for size in (1, 2, 50):
        assert walked(team.mina, size=size) == best
    assert walked(team.rob) == [*best[1:], ("마", 0.0)]


def test_filters_hold_on_the_walk(warm, team):
    Account.objects.filter(name__in=["가", "라"]).update(city="서울")
    assert walked(team.mina, "sort=-heat&city=서울") == [("가", 9.0), ("라", 0.0)]


def test_sums_are_shown_in_the_order_of_names(warm, team):
    ScoreModel.objects.filter(pk=warm.pk).update(account_by="sum")
    assert walked(team.mina) == [("가", 14.0), ("나", 9.0), ("다", 4.0), ("라", 0.0), ("마", 30.0)]


@pytest.mark.parametrize("by", ["best", "sum"])
def test_no_order_of_the_list_reads_every_score(warm, team, by):
    ScoreModel.objects.filter(pk=warm.pk).update(account_by=by)
    for sort in ("heat", *account_queries.SORTS):
        with CaptureQueriesContext(connection) as asked:
            account_queries.accounts_page(team.mina, QueryDict(f"sort={sort}"), now=NOW)
        assert not [each["sql"] for each in asked if "heat_total" in each["sql"].rpartition("ORDER BY")[2]]


def test_leafing_back_gives_the_page_before(warm, team):
    def page(cursor):
        return account_queries.accounts_page(team.mina, QueryDict(f"sort=-heat&cursor={cursor}"), now=NOW, size=2)

    second = page(page("").next_cursor)
    assert [row.name for row in page(second.previous_cursor).rows] == ["마", "나"]


def test_contracts_that_end_soon(warm, team):
    ends = {"가": date(2026, 11, 21), "나": date(2026, 12, 21), "다": date(2026, 12, 22), "라": date(2026, 11, 20)}
    for name, end in ends.items():
        Account.objects.filter(name=name).update(contract_end=end)

    def names(query):
        return [name for name, _heat in walked(team.mina, query)]

    assert names("renewal=30&sort=name") == ["가", "나"]
    assert names("renewal=30&sort=-heat") == ["나", "가"]
    assert names("sort=end") == ["라", "가", "나", "다"]
    for wrong in ("soon", "-1", "99999"):
        with pytest.raises(BadFilter):
            names(f"renewal={wrong}")
