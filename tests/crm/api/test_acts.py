"""Acts on many by programs: erasing many, and what a token must be for."""

import pytest

from contacts.acts import jobs
from contacts.acts.models import BulkAct
from contacts.acts.verb import VERBS
from contacts.attributes import definition
from contacts.ledger.follow import catch_up
from contacts.lists import fixed
from contacts.people.models import Contact
from contacts.privacy.models import Erasure
from crm.kit import clock

pytestmark = pytest.mark.django_db
SCOPES = {
    "tag": "lists:write", "untag": "lists:write", "list": "lists:write", "unlist": "lists:write",
    "owner": "contacts:write", "stage": "contacts:write", "attribute": "contacts:write", "consent": "contacts:write",
    "topic": "contacts:write", "exclude": "contacts:write", "erase": "contacts:delete", "journey": "journeys:write",
}  # fmt: skip


def work():
    while jobs.run_due(clock.now):
        pass


def test_people_are_erased_when_their_number_is_told(program, crowd, team, now):
    catch_up(now)
    alice, before = program(team.alice), set(Contact.objects.values_list("pk", flat=True))
    choice = {"reason": "retention", "proof": "annual clean-up", "number": 2}
    asked = {"act": "erase", "choice": choice, "contacts": [crowd.kim.pk, crowd.lee.pk]}
    for wrong, path in (
        ({"number": 3}, "choice.number"), ({"number": None}, "choice.number"), ({"reason": "because"}, "choice.reason"),
        ({"proof": "mail of cs.kim@hanbit.example.com"}, "choice.proof"),
    ):  # fmt: skip
        refused = alice.post("acts", asked | {"choice": choice | wrong})
        assert (refused.status, refused.body["errors"][0]["path"]) == (400, path)
    assert not BulkAct.objects.exists()
    assert not Erasure.objects.exists()
    made = alice.post("acts", asked)
    assert (made.status, made.body["state"], Contact.objects.count()) == (202, "ready", len(before))
    work()
    done = alice.get(f"acts/{made.body['id']}").body
    assert (done["state"], done["changed"], done["can_undo"]) == ("done", 2, False)
    job = Erasure.objects.get()
    assert (job.people, job.erased, job.proof) == (2, 2, "annual clean-up")
    assert before - set(Contact.objects.values_list("pk", flat=True)) == {crowd.kim.pk, crowd.lee.pk}


def test_every_act_names_the_scope_it_needs(program, team):
    assert {verb.key: verb.scope.value for verb in VERBS} == SCOPES
    told = program(team.alice).get("act-kinds").body["acts"]
    assert {row["key"]: row["scope"] for row in told} == SCOPES


@pytest.mark.parametrize("act", [key for key, scope in SCOPES.items() if scope != "contacts:write"])
def test_a_token_does_by_acts_no_more_than_by_other_doors(program, crowd, team, act):
    asked = {"act": act, "contacts": [crowd.kim.pk]}
    refused = program(team.alice, "contacts:write").post("acts", asked)
    assert (refused.status, refused.body["scope"]) == (403, SCOPES[act])
    assert not BulkAct.objects.exists()
    assert program(team.alice, "contacts:write", SCOPES[act]).post("acts", asked).status == 400  # nothing was chosen


def test_an_act_is_undone_by_a_token_that_could_do_it(program, crowd, team, now):
    guests = fixed.create("Guests", "", by=team.mina, now=now)
    mina, less = program(team.mina), program(team.mina, "contacts:read", "contacts:write")
    asked = {"act": "list", "choice": {"list": guests.pk}, "contacts": [crowd.kim.pk]}
    where = f"acts/{mina.post('acts', asked).body['id']}"
    work()
    assert (guests.members.count(), less.get(where).body["can_undo"]) == (1, True)
    assert less.post(f"{where}/undo").body["scope"] == "lists:write"
    work()
    assert guests.members.count() == 1
    assert mina.post(f"{where}/undo").status == 202
    work()
    assert guests.members.count() == 0


def test_nought_is_a_value(program, crowd, team):
    size = definition.define("contact", "Visits", "number")
    choice = {"attribute": size.pk, "what": "write", "value": 0}
    assert (
        program(team.mina).post("acts", {"act": "attribute", "choice": choice, "contacts": [crowd.kim.pk]}).status
        == 202
    )
    work()
    assert Contact.objects.get(pk=crowd.kim.pk).attributes == {"visits": 0}
