"""What programs do: many people at once, events, orders, lists, segments, campaigns; and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.attributes import definition
from contacts.commerce.models import Order
from contacts.keys.models import ContactKey
from contacts.ledger.models import Event
from contacts.lists.models import FixedList
from contacts.people.models import Contact
from contacts.privacy.models import Erasure
from tests.campaigns.conftest import make_campaign

pytestmark = pytest.mark.django_db


def results(answer):
    return [row["result"] for row in answer.body["rows"]]


def test_upsert_adds_changes_leaves_and_refuses_row_by_row(program, crowd, team):
    definition.define("contact", "Plan", "choice", ["pro", "free"])
    rows = [
        {"email": "CS.Kim@hanbit.example.com", "city": "Busan", "attributes": {"plan": "PRO"}, "external_id": "k1"},
        {"email": "new@example.com", "name": "새 사람", "company": "새 회사"},
        {"email": "wrong"},
        {"email": "new@example.com"},
        {"external_id": "n2", "phone": "010-9999-8888"},
    ]
    mina = program(team.mina)
    first = mina.post("contacts/upsert", {"contacts": rows})
    assert results(first) == ["updated", "created", "refused", "refused", "created"]
    kim = Contact.objects.get(pk=crowd.kim.pk)
    assert (kim.city, kim.attributes, kim.version, kim.name) == ("부산", {"plan": "pro"}, 2, "김철수")
    again = mina.post("contacts/upsert", {"contacts": rows})
    assert results(again) == ["unchanged", "unchanged", "refused", "refused", "unchanged"]
    assert Contact.objects.get(email="new@example.com").account.name == "새 회사"
    by_key = mina.post("contacts/upsert", {"contacts": [{"external_id": "k1", "name": "김철호"}]})
    assert by_key.body["rows"][0] == {"result": "updated", "contact_id": crowd.kim.pk, "errors": {}}
    kept = mina.post(
        "contacts/upsert", {"known": "fill", "contacts": [{"external_id": "k1", "name": "X", "title": "부장"}]}
    )
    assert kept.body["updated"] == 1
    kim.refresh_from_db()
    assert (kim.name, kim.title) == ("김철호", "부장")


def test_upsert_does_not_touch_whom_one_may_not_see(program, crowd, team):
    rows = [{"email": "yh.lee@nuri.example.com", "name": "X"}, {"email": "mine@example.com"}]
    answer = program(team.rob).post("contacts/upsert", {"contacts": rows})
    assert results(answer) == ["refused", "created"]
    assert Contact.objects.get(pk=crowd.lee.pk).name == "이영희"
    assert Contact.objects.get(email="mine@example.com").owner == team.rob


def test_thousand_people_cost_a_bounded_number_of_queries(program, team):
    mina = program(team.mina)
    rows = [{"email": f"p{n}@example.com", "name": f"P{n}", "company": f"C{n % 5}"} for n in range(1000)]
    with CaptureQueriesContext(
        connection,
    ) as made:
        answer = mina.post("contacts/upsert", {"contacts": rows})
    assert answer.body["created"] == 1000
    assert len(made) < 60
    for row in rows:
        row["city"] = "Busan"
    with CaptureQueriesContext(connection) as changed:
        assert mina.post("contacts/upsert", {"contacts": rows}).body["updated"] == 1000
    assert len(changed) < 40
    assert Event.objects.filter(kind__key="contact.updated").count() == 1000


def test_events_are_kept_once_and_read_back(program, crowd, team):
    rows = [
        {"id": "a", "email": "cs.kim@hanbit.example.com", "about": "Trial started", "properties": {"plan": "pro"}},
        {"id": "b", "anonymous_id": "browser-1", "kind": "page.viewed", "about": "/pricing"},
    ]
    mina = program(team.mina)
    assert results(mina.post("events", {"events": rows})) == ["kept", "kept"]
    assert results(mina.post("events", {"events": rows})) == ["repeated", "repeated"]
    told = mina.get(f"contacts/{crowd.kim.pk}/timeline?limit=1").body
    assert [(row["kind"], row["said"]) for row in told["results"]] == [("event.tracked", "Trial started")]
    older = mina.get(told["next"].removeprefix("http://testserver")).body["results"]
    assert [row["kind"] for row in older] == ["contact.created"]


def test_thousand_new_people_of_events_cost_a_bounded_number_of_queries(program, team):
    mina = program(team.mina)
    names = [{"email": f"p{n}@example.com"} if n % 2 else {"anonymous_id": f"b{n}"} for n in range(998)]
    names += [{"email": "P1@example.com", "external_id": "k1"}, {"email": "nobody"}]
    with CaptureQueriesContext(connection) as made:
        answer = mina.post("events", {"events": [{**name, "about": "Trial started"} for name in names]})
    assert len(made) < 60
    assert (answer.body["kept"], answer.body["refused"]) == (999, 1)
    assert answer.body["rows"][998]["contact_id"] == answer.body["rows"][1]["contact_id"]
    assert Contact.objects.filter(source="api").count() == 998
    assert ContactKey.objects.count() == 500
    assert Event.objects.filter(kind__key="contact.created").count() == 998
    batch = [{"type": "track", "userId": f"u{n}", "event": "Trial started"} for n in range(999)]
    with CaptureQueriesContext(connection) as tracked:
        assert mina.post("batch", {"batch": [*batch, {"type": "track", "userId": "u1000"}]}).body["success"] is False
    assert len(tracked) < 60
    assert Contact.objects.filter(source="api").count() == 998 + 999  # who is named by a wrong event alone is not made


def test_visitor_goes_up_in_whom_she_turns_out_to_be(program, crowd, team):
    mina = program(team.mina)
    viewed = {"anonymousId": "b-1", "messageId": "m1", "properties": {"path": "/pricing"}, "context": {"ip": "x"}}
    visitor = mina.post("page", viewed).body["contact_id"]
    traits = {"email": "cs.kim@hanbit.example.com", "firstName": "Chulsoo", "shoe": 44}
    answer = mina.post("identify", {"userId": "u-1", "anonymousId": "b-1", "traits": traits})
    assert (answer.status, answer.body["contact_id"], answer.body["ignored"]) == (200, crowd.kim.pk, ["shoe"])
    assert Contact.objects.get(pk=visitor).merged_into_id == crowd.kim.pk
    assert set(ContactKey.objects.values_list("key", "contact_id")) == {("b-1", crowd.kim.pk), ("u-1", crowd.kim.pk)}
    batch = [{"type": "track", "userId": "u-1", "event": "Order Started", "messageId": "m2"}, {"type": "track"}]
    done = mina.post("batch", {"batch": batch}).body
    assert [(row["result"], row["contact_id"]) for row in done["rows"]] == [("kept", crowd.kim.pk), ("refused", None)]


def test_order_is_written_once_and_refunds_add_up(program, crowd, team):
    mina = program(team.mina)
    assert mina.post("products", {"key": "cup", "name": "Cup", "price": "12000"}).body["price"] == "12000.00"
    order = {
        "key": "A-1", "email": "cs.kim@hanbit.example.com", "placed_at": "2026-11-20T09:00:00+09:00",
        "lines": [{"product": "cup", "quantity": 2, "unit_price": "12000"}],
    }  # fmt: skip
    made = mina.post("orders", order).body
    assert (made["total"], made["refunded"], made["contact_id"]) == ("24000.00", "0.00", crowd.kim.pk)
    for _ in range(2):
        assert mina.post("orders", {**order, "refunded": 5000}).body["refunded"] == "5000.00"
    assert program(team.rob).post("orders", {**order, "refunded": 6000}).status == 403
    stale = mina.post(f"orders/{made['id']}/refunds", {"amount": "1", "seen": "0"})
    assert (stale.status, stale.body["errors"][0]["path"]) == (400, "amount")
    assert mina.post("orders", {**order, "email": "emma@park.example.com"}).status == 409
    assert program(team.rita).get(f"orders/{made['id']}").status == 404
    assert Order.objects.get().refunded == 5000


def test_lists_segments_and_campaigns(program, crowd, team):
    mina = program(team.mina)
    made = mina.post("lists", {"name": "Expo"}).body
    change = {"add": [crowd.kim.pk, 99999], "remove": [crowd.lee.pk]}
    assert mina.post(f"lists/{made['id']}/members", change).body == {"added": 1, "removed": 0, "not_found": [99999]}
    members = mina.get(f"lists/{made['id']}/members").body["results"]
    assert [row["id"] for row in members] == [crowd.kim.pk]
    assert mina.patch(f"lists/{made['id']}", {"version": 7, "name": "X"}).body["current"]["name"] == "Expo"
    rule = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}
    assert mina.post("segments/count", {"definition": rule}).body == {"people": 1}
    assert mina.get("contacts/count?city=부산").body == {"people": 1}
    wrong = mina.post("segments", {"name": "S", "definition": {"version": 1, "rule": {"all": [{"field": "x"}]}}})
    assert (wrong.status, wrong.body["errors"][0]["path"].startswith("definition.rule")) == (400, True)
    draft = make_campaign([crowd.kim])
    check = mina.get(f"campaigns/{draft.pk}/preflight").body
    assert (check["total"], check["to_send"], check["left_out"]) == (1, 0, {"no_consent": 1})
    refused = mina.post(f"campaigns/{draft.pk}/launch", {"version": draft.version})
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "audience_left_out")
    assert mina.post(f"campaigns/{draft.pk}/pause").status == 409
    assert FixedList.objects.filter(name="Expo").exists()


def test_admin_erases_through_the_api(program, crowd, team):
    assert program(team.mina).delete(f"contacts/{crowd.kim.pk}").status == 403
    assert not Erasure.objects.exists()
    answer = program(team.alice).delete(f"contacts/{crowd.kim.pk}?reason=request&proof=letter")
    assert answer.status == 202
    assert answer.body["erasure"] == Erasure.objects.get().number


LISTS = ("contacts", "accounts", "lists", "tags", "segments", "attributes", "products", "orders", "templates",
         "campaigns", "journeys", "users")  # fmt: skip


@pytest.mark.parametrize("noun", LISTS)
def test_list_costs_the_same_however_many_rows(program, crowd, team, noun):
    mina = program(team.mina)
    mina.get(noun)
    with CaptureQueriesContext(connection) as one:
        assert mina.get(f"{noun}?limit=1").status == 200
    with CaptureQueriesContext(connection) as all_:
        assert mina.get(f"{noun}?limit=200").status == 200
    assert len(all_) <= 15
    assert abs(len(all_) - len(one)) <= 2  # an empty page asks for less
