"""Files of people, companies, orders and activity: what is in them, who may have them, and that they go again."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from python_calamine import CalamineWorkbook

from contacts.attributes.definition import define
from contacts.commerce import orders
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile, save
from contacts.consent.record import Proof
from contacts.errors import Invalid
from contacts.exports import jobs, spreadsheet
from contacts.exports.kind import EXPORTS, Asked
from contacts.exports.models import Export
from contacts.exports.spreadsheet import BOM
from contacts.ledger.append import NewEvent, append
from contacts.models import Account, Contact, PeopleExport
from contacts.people.filters import BadFilter
from contacts.topics import said
from contacts.topics.models import Topic
from crm.kit.work import WorkState
from tests.contacts.segments.living import city, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def written(kind, query, user, now, columns=None, format_="csv", ids=()):
    asked = Asked(user, QueryDict(query), ids)
    keys = columns or EXPORTS[kind].usual(asked.query)
    export = jobs.start(EXPORTS[kind], asked, keys, format_, "Trade fair badges", now=now)
    while jobs.run_due(lambda: now):
        pass
    export.refresh_from_db()
    return export


def rows(export):
    with export.file.storage.open(export.file.name) as file:
        text = file.read().decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def test_people_are_written_with_their_columns_and_it_is_noted(crowd, team, now):
    define("contact", "Plan", "text")
    Contact.objects.filter(pk=crowd.kim.pk).update(attributes={"plan": "=cmd()"})
    export = written("people", "known=yes", team.mina, now, ["name", "email", "phone", "attribute.plan", "created"])
    found = rows(export)
    assert [row["Name"] for row in found] == ["김철수", "이영희", "Emma Park"]
    assert found[0] == {
        "Name": "김철수",
        "E-mail": "cs.kim@hanbit.example.com",
        "Phone": "010-1234-5678",
        "Plan": "'=cmd()",
        "Added": "2026-11-21T12:00:00+09:00",
    }
    assert (export.state, export.total, export.written, export.file_name) == (
        WorkState.DONE,
        3,
        3,
        "people-2026-11-21.csv",
    )
    noted = PeopleExport.objects.get()
    assert (noted.by, noted.reason, noted.query, noted.people) == (team.mina, "Trade fair badges", "known=yes", 3)


def test_a_workbook_has_texts_numbers_and_times(crowd, team, now, tmp_path):
    Contact.objects.filter(pk=crowd.kim.pk).update(name="=1+1")
    export = written("people", "q=hanbit", team.mina, now, ["name", "created"], "xlsx")
    path = tmp_path / "taken.xlsx"
    with export.file.storage.open(export.file.name) as file:
        path.write_bytes(file.read())
    table = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert table[0] == ["Name", "Added"]
    assert table[1][0] == "=1+1"
    assert str(table[1][1]) == "2026-11-21 12:00:00"


def test_a_workbook_that_cannot_hold_them_is_refused(crowd, team, now, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_ROWS", 2)
    with pytest.raises(Invalid):
        written("people", "", team.mina, now, ["name"], "xlsx")
    assert len(rows(written("people", "", team.mina, now, ["email"]))) == 4
    assert spreadsheet.MOST_ROWS == 2**20 - 1


@pytest.mark.parametrize(
    ("columns", "format_", "reason"),
    [([], "csv", "Badges"), (["name"], "pdf", "Badges"), (["name"], "csv", " x "), (["name"], "csv", "a\r\nb")],
)
def test_what_is_wrong_is_told_and_nothing_noted(crowd, team, now, columns, format_, reason):
    with pytest.raises(Invalid):
        jobs.start(EXPORTS["people"], Asked(team.mina, QueryDict("")), columns, format_, reason, now=now)
    assert (Export.objects.count(), PeopleExport.objects.count()) == (0, 0)


def test_who_may_not_and_what_is_not_understood(crowd, team, now):
    for who in (team.rob, team.cleo, team.ana):
        with pytest.raises(PermissionDenied):
            written("people", "", who, now)
    with pytest.raises(BadFilter):
        written("people", "tag=x", team.mina, now)
    with pytest.raises(BadFilter):
        written("events", "", team.mina, now)
    assert not PeopleExport.objects.exists()


def test_a_right_that_is_taken_away_writes_nothing(crowd, team, now):
    export = jobs.start(EXPORTS["people"], Asked(team.mina, QueryDict("")), ["name"], "csv", "Badges", now=now)
    type(team.mina).objects.filter(pk=team.mina.pk).update(role="analyst")
    jobs.run_due(lambda: now)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (WorkState.READY, "")


def test_ticked_people_alone(crowd, team, now):
    export = written("people", "q=nobody", team.mina, now, ["name"], ids=(crowd.park.pk,))
    assert [row["Name"] for row in rows(export)] == ["Emma Park"]
    assert PeopleExport.objects.get().query == f"contact={crowd.park.pk}"


def test_companies_orders_and_activity(crowd, team, now):
    define("account", "Tier", "text")
    Account.objects.filter(pk=crowd.kim.account_id).update(attributes={"tier": "Gold"})
    (hanbit,) = rows(written("accounts", "q=한빛", team.mina, now))
    assert (hanbit["Name"], hanbit["People"], hanbit["Tier"]) == ("㈜한빛", "1", "Gold")
    cup = save(ProductProfile(key="P1", name="Cup"))
    orders.place("O1", crowd.kim.pk, [Line(cup, 2, Decimal(5))], placed_at=now, now=now)
    (order,) = rows(written("orders", "", team.mina, now))
    assert (order["Order"], order["Person"], order["Products"], order["Total"]) == ("O1", "김철수", "2 x Cup", "10.00")
    busan = make("Busan", city("부산"), now=now)
    append([NewEvent(crowd.lee.pk, "page.viewed", now, subject=("page", "/pricing"))], source="test", now=now)
    found = rows(written("events", f"segment={busan.pk}", team.mina, now))
    assert {row["Person"] for row in found} == {"이영희"}
    assert [row["About"] for row in found if row["Key"] == "page.viewed"] == ["page:/pricing"]
    assert sorted(PeopleExport.objects.values_list("query", flat=True)) == [
        "accounts: q=%ED%95%9C%EB%B9%9B",
        f"events: segment={busan.pk}",
        "orders: ",
    ]


def test_a_file_is_for_its_owner_and_admins_for_some_days(crowd, team, as_, now, monkeypatch):
    export = written("people", "", team.mina, now, ["name"])
    monkeypatch.setattr("contacts.exports.views.clock.now", lambda: now)
    url = f"/exports/{export.pk}/file/"
    for who, status in ((team.mina, 200), (team.alice, 200), (team.rob, 403)):
        answer = as_(who).get(url)
        assert answer.status_code == status
        if status == 200:
            list(answer.streaming_content)  # to its end, so that the file is closed
    other = type(team.mina).objects.create_user("mo@team.example", name="Mo", role="marketer")
    assert as_(other).get(url).status_code == 404
    answer = as_(team.mina).get(url)
    assert "people-2026-11-21.csv" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).decode().startswith(BOM)
    assert jobs.forget(now + timedelta(days=6)) == 0
    late = now + timedelta(days=8)
    place = export.file.path
    assert jobs.forget(late) == 1
    export.refresh_from_db()
    assert (export.file.name, export.query, PeopleExport.objects.count()) == ("", "", 1)
    with pytest.raises(FileNotFoundError):
        open(place)  # noqa: PTH123, SIM115 - it must not be there
    assert as_(team.mina).get(url).status_code == 404


def test_a_stopped_file_is_not_written(crowd, team, as_, now, monkeypatch):
    export = jobs.start(EXPORTS["people"], Asked(team.mina, QueryDict("")), ["name"], "csv", "Badges", now=now)
    write = jobs._rows

    def stopped(*args):
        write(*args)
        jobs.cancel(export, now=now)

    monkeypatch.setattr(jobs, "_rows", stopped)
    jobs.run_due(lambda: now)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (WorkState.CANCELLED, "")


def test_pages_ask_first_and_lead_to_the_file(crowd, team, as_, now):
    client = as_(team.mina)
    asked = client.post("/people/export/", {"contact": [crowd.kim.pk], "act": "export", "query": "sort=name"})
    assert (asked.status_code, asked.context["total"], asked.context["ids"]) == (200, 1, (crowd.kim.pk,))
    page = client.get("/people/export/?known=yes&columns=email")
    assert [key for key, _label, ticked in page.context["columns"] if ticked] == ["name", "email"]
    data = {"sure": "1", "everyone": "1", "query": "known=yes", "column": ["email"], "format": "csv"}
    refused = client.post("/exports/new/people/", {**data, "reason": " "})
    assert (refused.status_code, Export.objects.count()) == (400, 0)
    made = client.post("/exports/new/people/", {**data, "reason": "Badges"})
    export = Export.objects.get()
    assert made.url == f"/exports/{export.pk}/"
    assert "hx-get" in client.get(made.url).content.decode()
    jobs.run_due(lambda: export.due_at)
    assert f"/exports/{export.pk}/file/" in client.get(made.url).content.decode()
    assert client.get("/exports/new/nothing/").status_code == 404
    assert client.get("/exports/new/people/?tag=x").status_code == 400


def test_refused_topics_are_a_column_in_order(crowd, team, now):
    topics = [Topic.objects.create(name=name, position=place) for place, name in ((2, "Late"), (1, "Early"), (3, "On"))]
    words = {topics[0].pk: False, topics[1].pk: False, topics[2].pk: True}
    said.record([crowd.kim.pk], words, at=now, proof=Proof("form"), now=now)
    export = written("people", "known=yes", team.mina, now, ["name", "topics_refused"])
    assert [row["Refused topics"] for row in rows(export)] == ["Early, Late", "", ""]
