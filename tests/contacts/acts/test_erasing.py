"""Erasing many by an act: range by range into one erasure, as many as were agreed on, until it is stopped."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from contacts.acts import jobs
from contacts.acts.models import ActStep, BulkAct
from contacts.acts.verb import VERBS
from contacts.acts.verbs import erasing
from contacts.consent.models import Suppression
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import Contact, ErasedPerson, Erasure
from contacts.people.selection import Selection
from contacts.privacy import erasure, running
from crm.kit import clock
from crm.kit.pace import Pace

pytestmark = pytest.mark.django_db
LYON = Selection(query="city=Lyon")
AGREED = {"sure": "1", "act": "erase", "everyone": "1", "query": "city=Lyon", "reason": "retention"}


@pytest.fixture
def people(person, team, now):
    """Five people of Lyon and one of Oslo; whoever follows the ledger has read all of them."""
    found = [
        person(name=name, city="Oslo" if name == "Dan" else "Lyon", email=f"{name.lower()}@example.com")
        for name in ("Ann", "Bob", "Cha", "Dan", "Eve", "Fay")
    ]
    catch_up(now)
    return {each.name: each for each in found}


@pytest.fixture
def by_two(monkeypatch):
    """Ranges of two people."""
    monkeypatch.setattr(jobs, "Pace", lambda *_args, **_named: Pace(2, least=2, most=2, seconds=1.0))


def asked(team, now, people=5, selection=LYON):
    job = erasure.opened(by=team.alice, reason="retention", proof="", now=now)
    return jobs.start("erase", selection, {"erasure": job.pk, "people": people}, by=team.alice, now=now), job


def names():
    return " ".join(Contact.objects.order_by("name").values_list("name", flat=True))


def test_everybody_found_is_erased_with_one_certificate(people, team, now, by_two):
    act, job = asked(team, now)
    assert jobs.run_due(lambda: now)
    assert running.run_due(lambda: now)
    act.refresh_from_db()
    job.refresh_from_db()
    assert (act.state, act.people, act.seen, act.changed) == ("done", 5, 5, 5)
    assert (job.state, job.people, job.records, job.erased, job.finished_at) == ("done", 5, 5, 5, now)
    assert names() == "Dan"
    assert job.counts["profile"] == 5
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"erased"}
    assert Suppression.objects.count() == 5
    assert act.choice == job.number
    assert not VERBS["erase"].undo
    with pytest.raises(jobs.NotNow):
        jobs.undo(act, by=team.alice, now=now)


def test_stopped_between_two_ranges_the_rest_stays(people, team, now, by_two, monkeypatch):
    act, job = asked(team, now)
    carry, ranges = erasing.running.run_due, []

    def carry_once(clock, *, only):
        ranges.append(1)
        done = carry(clock, only=only)
        jobs.cancel(BulkAct.objects.get(pk=act.pk), now=now)
        return done

    monkeypatch.setattr(erasing.running, "run_due", carry_once)
    assert jobs.run_due(lambda: now)
    monkeypatch.undo()
    assert running.run_due(lambda: now)
    act.refresh_from_db()
    job.refresh_from_db()
    assert (len(ranges), act.state, act.seen, act.changed) == (1, "cancelled", 2, 2)
    assert (job.state, job.people, job.erased) == ("done", 2, 2)
    assert names() == "Cha Dan Eve Fay"
    assert Suppression.objects.count() == 2


def test_more_people_than_agreed_on_and_nobody_goes(people, team, now):
    act, job = asked(team, now, people=4)
    assert jobs.run_due(lambda: now)
    act.refresh_from_db()
    assert (act.state, act.step, act.changed) == ("failed", ActStep.GATHERING, 0)
    assert "More people were found" in act.last_error
    assert Contact.objects.count() == 6
    assert not ErasedPerson.objects.exists()
    assert not Suppression.objects.exists()
    running.run_due(lambda: now)
    job.refresh_from_db()
    assert (job.state, job.people) == ("done", 0)


def test_it_waits_while_the_erasure_cannot_go_on(people, team, now, by_two, monkeypatch):
    monkeypatch.setattr(erasing, "AHEAD", 2)
    act, job = asked(team, now)
    append([NewEvent(people["Ann"].pk, "form.submitted", now, subject=("form", "7"))], source="test", now=now)
    assert jobs.run_due(lambda: now)  # her last event is not read yet
    act.refresh_from_db()
    assert (act.state, act.due_at, act.attempts, act.changed) == ("ready", now + jobs.A_MOMENT, 0, 2)
    assert Contact.objects.count() == 6
    catch_up(now)
    later = now + jobs.A_MOMENT
    assert jobs.run_due(lambda: later)
    assert running.run_due(lambda: later)
    job.refresh_from_db()
    assert (job.state, job.erased, names()) == ("done", 5, "Dan")


def test_an_erasure_is_not_over_while_its_act_goes_on(people, team, now):
    act, job = asked(team, now)
    assert running.run_due(lambda: now)
    job.refresh_from_db()
    assert (job.state, job.due_at > now, job.finished_at) == ("ready", True, None)
    jobs.cancel(act, now=now)
    job.refresh_from_db()
    assert job.due_at == now
    assert running.run_due(lambda: now)
    job.refresh_from_db()
    assert (job.state, job.people) == ("done", 0)


def test_a_search_that_named_somebody_erased_never_means_everybody(people, team, now):
    act, _job = asked(team, now, people=6, selection=Selection(query="q=ann"))
    erasure.request([people["Ann"].pk], by=team.alice, reason="request", now=now)
    catch_up(now)
    assert running.run_due(lambda: now)
    assert running.run_due(lambda: now)
    act.refresh_from_db()
    assert (act.query, act.params) == ("", {})
    assert jobs.run_due(lambda: now)
    act.refresh_from_db()
    assert (act.state, act.people, Contact.objects.count()) == ("failed", 0, 5)


@pytest.mark.parametrize("who", ["mina", "rob", "cleo", "ana"])
def test_only_who_may_erase_one_may_erase_many(people, team, now, as_, who):
    with pytest.raises(PermissionDenied):
        jobs.start("erase", LYON, {"erasure": 1, "people": 5}, by=getattr(team, who), now=now)
    answer = as_(getattr(team, who)).post(reverse("contacts:people-act"), {**AGREED, "number": "5"})
    assert answer.status_code == 403
    assert not BulkAct.objects.exists()
    assert not Erasure.objects.exists()


def test_page_says_it_is_for_good_and_wants_the_number(people, team, as_):
    desk = as_(team.alice)
    page = desk.post(reverse("contacts:people-act"), {"act": "erase", "everyone": "1", "query": "city=Lyon"})
    assert page.status_code == 200
    assert "This cannot be undone." in page.content.decode()
    for wrong, sentence in (
        ({"number": "4"}, "These are 5 people."),
        ({"number": ""}, "This field is required."),
        ({"number": "5", "proof": "mail of ann@example.com"}, "This names the person."),
        ({"number": "5", "reason": "because"}, "Select a valid choice."),
    ):
        answer = desk.post(reverse("contacts:people-act"), {**AGREED, **wrong})
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
    assert not BulkAct.objects.exists()
    assert not Erasure.objects.exists()
    answer = desk.post(reverse("contacts:people-act"), {**AGREED, "number": "5", "proof": "annual clean-up"})
    act, job = BulkAct.objects.get(), Erasure.objects.get()
    assert answer.url == reverse("contacts:act", args=[act.pk])
    assert (act.state, act.seen, job.people, Contact.objects.count()) == ("ready", 0, 0, 6)  # it is left to a worker
    while jobs.run_due(clock.now) or running.run_due(clock.now):
        pass
    job.refresh_from_db()
    assert (job.proof, job.people, names()) == ("annual clean-up", 5, "Dan")
    shown = desk.get(reverse("contacts:act", args=[act.pk])).content.decode()
    assert "5 people are erased, or will be in a moment." in shown
    assert reverse("contacts:erasure", args=[job.pk]) in shown


def test_a_proof_that_names_somebody_of_a_later_range_is_not_kept(people, team, now):
    job = erasure.opened(by=team.alice, reason="retention", proof="list of Eve", now=now)
    assert erasure.more(job, [people["Ann"].pk], by=team.alice, now=now) == [people["Ann"].pk]
    assert Erasure.objects.get().proof == "list of Eve"
    erasure.more(job, [people["Ann"].pk, people["Eve"].pk], by=team.alice, now=now)
    job.refresh_from_db()
    assert (job.proof, job.people, job.records) == ("", 2, 2)
