"""What colleagues do at their desks, by programs: notes, files, exports, acts, views, duplicates, leads."""

import base64
import json

import pytest

from contacts.acts import jobs as acts
from contacts.acts.models import BulkAct
from contacts.duplicates.models import DuplicatePair
from contacts.exports import jobs as exports
from contacts.exports.models import Export
from contacts.files.models import KeptFile
from contacts.lists.models import ContactTag
from contacts.notes.models import Note
from contacts.people.models import Contact, PeopleExport
from contacts.stages.models import Stage, StageRule
from crm.kit import clock
from crm.team.saved_views.models import SavedView

pytestmark = pytest.mark.django_db


def path_of(answer):
    return answer.body["errors"][0]["path"]


def test_notes_are_written_changed_by_their_author_and_kept_as_they_were(program, crowd, team):
    mina, person = program(team.mina), crowd.kim.pk
    made = mina.post("notes", {"contact_id": person, "text": "First"})
    assert (made.status, made.body["contact_id"], made.body["by_id"]) == (201, person, team.mina.pk)
    where = f"notes/{made.body['id']}"
    assert program(team.alice).patch(where, {"version": 1, "text": "Hers"}).status == 403
    assert mina.patch(where, {"version": 1, "text": "Second"}).body["version"] == 2
    assert mina.patch(where, {"version": 1, "text": "Third"}).body["current"]["text"] == "Second"
    assert [row["text"] for row in mina.get(f"notes?contact_id={person}").body["results"]] == ["Second"]
    assert mina.delete(where).status == 204
    assert mina.get(f"notes?contact_id={person}").body["results"] == []
    assert [old.text for old in Note.objects.get().versions.all()] == ["Second", "First"]
    assert path_of(mina.post("notes", {"text": "Whose?"})) == "contact_id"
    assert path_of(program(team.rita).post("notes", {"contact_id": person, "text": "Not hers"})) == "contact_id"
    assert Note.objects.count() == 1


def test_files_go_in_and_come_out_as_they_were(program, crowd, team):
    mina, content = program(team.mina), "견적".encode()
    sent = {"contact_id": crowd.kim.pk, "name": "견적.txt", "content": base64.b64encode(content).decode()}
    made = mina.post("files", sent)
    assert (made.status, made.body["size"], made.body["name"]) == (201, len(content), "견적.txt")
    where = f"files/{made.body['id']}"
    answer = mina.get(f"{where}/content")
    assert (answer.body, answer.headers["Content-Type"]) == (content, "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert program(team.rita).get(where).status == 404
    for wrong, path in (({"content": "%%"}, "content"), ({"name": "virus.exe"}, "file"), ({"content": ""}, "content")):
        assert path_of(mina.post("files", {**sent, **wrong})) == path
    assert mina.delete(where).status == 204
    assert not KeptFile.objects.exists()


def test_export_is_started_with_a_reason_and_downloaded(program, crowd, team):
    mina = program(team.mina)
    assert "people" in {kind["key"] for kind in mina.get("export-kinds").body["kinds"]}
    asked = {"kind": "people", "reason": "Monthly report", "filter": "q=김철수", "columns": ["name"]}
    for wrong, path in (
        ({"reason": "x"}, "reason"), ({"kind": "none"}, "kind"), ({"columns": ["x"]}, "columns"),
        ({"filter": "qq=1"}, "filter"),
    ):  # fmt: skip
        assert path_of(mina.post("exports", asked | wrong)) == path
    assert not Export.objects.exists()
    assert not PeopleExport.objects.exists()
    made = mina.post("exports", asked).body
    where = f"exports/{made['id']}"
    assert (made["state"], made["total"], mina.get(f"{where}/content").status) == ("ready", 1, 404)
    exports.run_due(clock.now)
    assert mina.get(where).body["state"] == "done"
    program(team.alice).get(f"{where}/content")
    assert Export.objects.get().fetched_at is None  # an admin looked; who asked for it has not
    assert "김철수" in mina.get(f"{where}/content").body.decode("utf-8-sig")
    assert Export.objects.get().fetched_at is not None
    assert program(team.mina, "contacts:read").get("exports").status == 403
    assert PeopleExport.objects.get().reason == "Monthly report"


def test_act_is_done_by_a_worker_and_undone(program, crowd, team):
    mina, worn = program(team.mina), ContactTag.objects.filter(tag__name="VIP")
    tag = next(row for row in mina.get("act-kinds").body["acts"] if row["key"] == "tag")
    assert (tag["can_undo"], [member["name"] for member in tag["choice"]]) == (True, ["name"])
    asked = {"act": "tag", "choice": {"name": "VIP"}, "contacts": [crowd.kim.pk, crowd.lee.pk]}
    for wrong, path in (
        ({"act": "none"}, "act"), ({"choice": {}}, "choice.name"), ({"choice": {"nmae": "VIP"}}, "choice.nmae"),
        ({"contacts": []}, "filter"), ({"contacts": [], "filter": "stgae=3"}, "filter"), ({"filter": "q=a"}, "filter"),
    ):  # fmt: skip
        assert path_of(mina.post("acts", asked | wrong)) == path
    assert not BulkAct.objects.exists()
    made = mina.post("acts", asked)
    assert (made.status, made.body["state"]) == (202, "ready")
    while acts.run_due(clock.now):
        pass
    where = f"acts/{made.body['id']}"
    done = mina.get(where).body
    assert (done["state"], done["changed"], done["can_undo"], worn.count()) == ("done", 2, True, 2)
    assert mina.post(f"{where}/undo").status == 202
    while acts.run_due(clock.now):
        pass
    assert (mina.get(where).body["undone"], worn.count()) == (2, 0)
    assert mina.post(f"{where}/undo").status == 409


def test_views_are_shared_and_changed_by_their_owner(program, team):
    mina, rob = program(team.mina), program(team.rob)
    made = mina.post("views", {"page": "people", "name": "Busan", "query": "q=Busan&cursor=x"}).body
    assert (made["query"], made["shared"]) == ("q=Busan", False)
    where = f"views/{made['id']}"
    assert rob.get("views").body["results"] == []
    assert mina.patch(where, {"shared": True}).body["shared"] is True
    assert [row["id"] for row in rob.get("views").body["results"]] == [made["id"]]
    assert rob.patch(where, {"name": "Mine"}).status == 403
    assert mina.post("views", {"page": "people", "name": "busan"}).status == 422
    assert path_of(mina.post("views", {"page": "none", "name": "X"})) == "page"
    assert (mina.delete(where).status, SavedView.objects.exists()) == (204, False)


def test_pair_is_decided_and_two_records_become_one_and_two_again(program, crowd, now, team):
    mina, kim, lee = program(team.mina), crowd.kim, crowd.lee
    pair = DuplicatePair.objects.create(first=kim, second=lee, score=70, reasons=["name_company"], found_at=now)
    told = mina.get("duplicates").body["results"]
    assert [(row["id"], row["first_id"], row["state"]) for row in told] == [(pair.pk, kim.pk, "open")]
    assert mina.post(f"duplicates/{pair.pk}/apart").body["state"] == "distinct"
    assert mina.get("duplicates").body["results"] == []
    assert mina.post(f"duplicates/{pair.pk}/reopen").body["state"] == "open"
    asked = {"other_id": lee.pk, "version": kim.version, "other_version": lee.version, "take": ["name"]}
    assert path_of(mina.post(f"contacts/{kim.pk}/merge", asked | {"take": ["shoes"]})) == "take"
    assert mina.post(f"contacts/{kim.pk}/merge", asked | {"version": 9}).status == 409
    assert path_of(program(team.rob).post(f"contacts/{kim.pk}/merge", asked)) == "other_id"
    assert mina.post(f"contacts/{kim.pk}/merge", asked).body["name"] == "이영희"
    (merge,) = mina.get("merges").body["results"]
    assert (merge["winner_id"], merge["loser_id"], merge["by_id"]) == (kim.pk, lee.pk, team.mina.pk)
    assert mina.post(f"merges/{merge['id']}/undo").body["name"] == "김철수"
    assert Contact.objects.live().filter(pk__in=[kim.pk, lee.pk]).count() == 2


def test_lead_is_taken_once_and_the_outcome_of_a_call_is_kept(program, crowd, team):
    rob, rita = program(team.rob), program(team.rita)
    assert rob.get("leads?list=unowned").status == 200
    assert rob.post(f"contacts/{crowd.park.pk}/take").body["owner_id"] == team.rob.pk
    assert rita.post(f"contacts/{crowd.park.pk}/take").status == 404
    assert program(team.alice).post(f"contacts/{crowd.park.pk}/take").status == 409
    assert path_of(rob.post(f"contacts/{crowd.park.pk}/outcome", {"outcome": "later"})) == "due_on"
    later = {"outcome": "later", "due_on": "2030-01-02"}
    assert rob.post(f"contacts/{crowd.park.pk}/outcome", later).body["due_on"] == "2030-01-02"


def test_rule_of_a_stage_is_changed_by_its_version(program, team):
    stage = Stage.objects.filter(model__in_use=False, rule=None).first()
    if stage is None:
        stage = Stage.objects.filter(model__in_use=False).first()
        StageRule.objects.filter(stage=stage).delete()
    mina, where = program(team.mina), f"stages/{stage.pk}/rule"
    assert mina.get(where).body["version"] == 0
    entry = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}
    assert mina.patch(where, {"version": 0, "entry": entry, "minimum_days": 7}).body["version"] == 1
    assert mina.patch(where, {"version": 0, "priority": 3}).body["current"]["minimum_days"] == 7
    assert mina.patch(where, {"version": 1, "entry": {"version": 1}}).status == 400
    assert path_of(mina.patch(where, {"version": 1, "exit_to_id": stage.pk})) == "exit_to"
    rule = StageRule.objects.get(stage=stage)
    assert (rule.minimum_days, rule.priority, rule.version) == (7, 0, 1)


def test_all_that_is_held_of_a_person_is_given_with_a_reason(program, crowd, team):
    mina, where = program(team.mina), f"contacts/{crowd.kim.pk}/data"
    assert path_of(mina.post(where, {"reason": "x"})) == "reason"
    assert not PeopleExport.objects.exists()
    given = json.loads(mina.post(where, {"reason": "She asked"}).body)
    assert "cs.kim@hanbit.example.com" in json.dumps(given)
    assert PeopleExport.objects.get().reason == "She asked"


def test_points_are_given_with_a_reason(program, crowd, team):
    mina, where = program(team.mina), f"contacts/{crowd.kim.pk}/points"
    for wrong, path in (({"points": 0}, "points"), ({"points": 2000}, "points"), ({"reason": " "}, "reason")):
        assert path_of(mina.post(where, {"points": 5, "reason": "Expo", **wrong})) == path
    assert mina.post(where, {"points": -5, "reason": "Expo"}, Idempotency_Key="expo").status == 204
    assert mina.post(where, {"points": -5, "reason": "Expo"}, Idempotency_Key="expo").status == 204
    (event,) = mina.get(f"contacts/{crowd.kim.pk}/timeline?kind=points.given").body["results"]
    assert (float(event["value"]), event["properties"]["reason"]) == (-5.0, "Expo")


def test_trail_and_roles_are_told(program, team):
    alice = program(team.alice)
    made = alice.post("tags", {"name": "VIP"}).body
    (entry,) = alice.get(f"trail?kind=tag&object_id={made['id']}").body["results"]
    assert (entry["verb"], entry["by_id"], entry["door"], entry["through"]) == ("added", team.alice.pk, "api", "test")
    assert alice.get("trail?since=yesterday").status == 400
    assert alice.get("trail?kind=none").status == 400
    roles = {row["key"]: row for row in program(team.ana).get("roles").body["roles"]}
    assert {"action": "contact.view", "reach": "own"} in roles["sales_rep"]["allowed"]
    assert "trail.view" not in {one["action"] for one in roles["marketer"]["allowed"]}
