"""A file imported by a program: sent, its columns told, checked, written, refused rows read, undone."""

import base64

import pytest

from contacts.consent.models import Suppression
from contacts.imports import worker
from contacts.imports.models import ImportJob
from contacts.people.models import Contact
from crm.kit import clock

pytestmark = pytest.mark.django_db
TABLE = "이름,이메일\n김새롬,sr.kim@example.com\n이름만,\n박다온,wrong\n"


def sent(text=TABLE, **more):
    return {"name": "people.csv", "content": base64.b64encode(text.encode()).decode(), **more}


def work():
    while worker.run_due(clock.now):
        pass


def test_file_is_sent_checked_written_and_undone(program, team):
    mina = program(team.mina)
    made = mina.post("imports", sent())
    assert (made.status, made.body["step"]) == (201, "uploaded")
    assert [(one["name"], one["key"]) for one in made.body["columns"]] == [("이름", "name"), ("이메일", "email")]
    assert {"name", "email", "phone", "company"} <= set(made.body["known_keys"])
    where = f"imports/{made.body['id']}"
    for wrong, path in (
        ({"columns": ["name"]}, "columns"), ({"columns": ["name", "shoes"]}, "columns.1"),
        ({"columns": ["name", "email"], "list_id": 99}, "list_id"),
    ):  # fmt: skip
        assert mina.post(f"{where}/check", wrong).body["errors"][0]["path"] == path
    assert mina.post(f"{where}/start").status == 422  # not checked yet
    assert mina.post(f"{where}/check", {"columns": ["name", "email"], "tags": ["Expo"]}).status == 202
    work()
    checked = mina.get(where).body
    assert (checked["step"], checked["state"], Contact.objects.exists()) == ("checked", "done", False)
    assert mina.post(f"{where}/start").status == 202
    work()
    done = mina.get(where).body
    assert (done["step"], done["rows_new"], done["can_undo"]) == ("finished", 1, True)
    assert Contact.objects.get().tag_links.get().tag.name == "Expo"
    assert "wrong" in mina.get(f"{where}/refused").body.decode("utf-8-sig")
    assert mina.post(f"{where}/cancel").status == 409
    assert mina.post(f"{where}/undo").status == 202
    assert mina.post(f"{where}/undo").status == 422


def test_what_is_no_table_is_refused_and_not_kept(program, team):
    mina = program(team.mina)
    refused = mina.post("imports", sent("\x00\x01\x02"))
    assert (refused.status, ImportJob.objects.exists()) == (422, False)
    assert mina.post("imports", sent(kind="shoes")).status == 400
    assert program(team.rob).post("imports", sent()).status == 403


@pytest.mark.parametrize(("said", "made"), [({}, 0), ({"makes_people": False}, 0), ({"makes_people": True}, 1)])
def test_excluded_addresses_become_contacts_only_if_it_is_said(program, team, said, made):
    mina = program(team.mina)
    where = f"imports/{mina.post('imports', sent('email\na@example.com\n', kind='excluded')).body['id']}"
    asked = {"columns": ["email"], "exclude_all": "complaint", **said}
    assert mina.post(f"{where}/check", asked).status == 202
    work()
    assert mina.post(f"{where}/start").status == 202
    work()
    assert (Suppression.objects.get().reason, Contact.objects.count()) == ("complaint", made)
