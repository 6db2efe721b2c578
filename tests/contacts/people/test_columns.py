"""Columns of the people list: which are shown, in which order, and what stands in them."""

import pytest
from django.http import QueryDict

from contacts.attributes.definition import define
from contacts.models import Attribute, Contact
from contacts.people import columns, queries
from contacts.people.columns import chosen

pytestmark = pytest.mark.django_db


def keys(query):
    return [column.key for column in chosen(QueryDict(query)).columns]


def test_usual_columns_unless_others_are_asked_for():
    assert keys("") == keys("columns=") == list(columns.USUAL)
    assert keys("columns=stage,email") == keys("columns=stage&columns=email") == ["name", "stage", "email"]
    assert keys("columns=email,name,email") == ["name", "email"]


def test_attributes_are_columns_until_they_are_retired(now):
    define("contact", "Plan", "text")
    define("account", "Size", "text")
    asked = "columns=attribute.plan,attribute.size"
    assert keys(asked) == ["name", "attribute.plan"]
    assert columns.gone(QueryDict(asked)) == ["The column “size” does not exist any more."]
    Attribute.objects.filter(key="plan").update(retired_at=now)
    assert (keys(asked), len(columns.gone(QueryDict(asked)))) == (["name"], 2)
    others = chosen(QueryDict("")).others
    assert "email" in [column.key for column in others]
    assert not [column for column in others if column.is_own]


def test_every_column_says_something_of_everybody(crowd, team):
    define("contact", "Plan", "money")
    Contact.objects.filter(pk=crowd.kim.pk).update(attributes={"plan": 12000})
    people = {person.pk: person for person in queries.with_rows(Contact.objects.all())}
    told = {key: column.text(people[crowd.kim.pk]) for key, column in columns.every().items()}
    assert told["attribute.plan"] == "₩12,000"
    assert (told["name"], told["phone"], told["owner"], told["mails"]) == ("김철수", "010-1234-5678", "Rob", "")
    for column in columns.every().values():
        for person in people.values():
            column.text(person)


@pytest.mark.parametrize(
    "column", [column for column in columns.BUILT_IN if column.sort], ids=lambda column: column.key
)
def test_sortable_columns_are_orders_of_the_list(column):
    assert {column.sort, f"-{column.sort}"} <= set(queries.SORTS)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("email", ["김철수", "Emma Park", "이영희"]),
        ("city", ["이영희"]),
        ("-city", ["이영희"]),
        ("since", []),
        ("email;", None),
    ],
)
def test_an_order_leaves_out_who_has_no_value(crowd, team, sort, names):
    query = QueryDict(f"sort={sort}")
    page = queries.people_page(team.mina, query, found=queries.people_count(team.mina, query))
    found = [person.display_name for person in page.rows]
    assert found == names if names is not None else len(found) == 4
