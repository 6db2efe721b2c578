"""People through the API: the list, one person, adding, changing; what is refused changes nothing."""

import pytest

from contacts.people.models import Contact

pytestmark = pytest.mark.django_db


def test_list_shows_the_people_one_may_see_with_the_filters_of_the_page(program, crowd, team):
    answer = program(team.rob).get("contacts?sort=name&limit=200")
    assert answer.status == 200
    assert [row["id"] for row in answer.body["results"]] == [crowd.kim.pk, crowd.caller.pk, crowd.park.pk]
    assert answer.body["total"] == {"number": 3, "exact": True}
    found = program(team.mina).get("contacts?q=김철").body["results"]
    assert [(row["email"], row["owner_id"]) for row in found] == [("cs.kim@hanbit.example.com", team.rob.pk)]


def test_pages_follow_each_other(program, crowd, team):
    mina = program(team.mina)
    first = mina.get("contacts?limit=3&sort=created&fields=id,name")
    assert [set(row) for row in first.body["results"]] == [{"id", "name"}] * 3
    second = mina.get(first.body["next"].removeprefix("http://testserver"))
    ids = [row["id"] for page in (first, second) for row in page.body["results"]]
    assert ids == [crowd.kim.pk, crowd.lee.pk, crowd.park.pk, crowd.caller.pk]
    assert second.body["next"] is None


def test_add_read_change(program, team):
    mina = program(team.mina)
    made = mina.post("contacts", {"email": "New@Example.com", "name": "새 사람", "phone": "010-1234-5678"})
    assert (made.status, made.body["email"], made.body["phone"]) == (201, "new@example.com", "+821012345678")
    changed = mina.patch(f"contacts/{made.body['id']}", {"version": made.body["version"], "city": "Busan"})
    assert (changed.status, changed.body["city"], changed.body["name"]) == (200, "부산", "새 사람")
    stale = mina.patch(f"contacts/{made.body['id']}", {"version": made.body["version"], "name": "X"})
    assert (stale.status, stale.body["current"]["version"]) == (409, changed.body["version"])
    assert Contact.objects.get(pk=made.body["id"]).name == "새 사람"
