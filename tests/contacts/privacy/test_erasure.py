"""Erasing people: everything of one person goes, numbers stay, and nothing brings her back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from contacts.consent.models import Suppression
from contacts.errors import Invalid
from contacts.identity.merge import WrongMerge, merge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.models import Event, SubjectCounter
from contacts.ledger.replay import replay
from contacts.people.models import Contact
from contacts.privacy import erasure, running
from contacts.privacy.models import ErasedPerson, Erasure
from crm.team.models import Notice
from crm.team.notices import News, tell
from crm.team.trail.models import TrailEntry
from crm.team.trail.record import record as record_trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def erase(team, now):
    """Ask for people to be erased, and do it: erase(contact, ...) -> the job."""

    def act(*people, at=now, **more):
        job = erasure.request([p.pk for p in people], by=team.alice, reason="request", now=at, **more)
        catch_up(at)
        assert running.run_due(lambda: at)
        job.refresh_from_db()
        return job

    return act


def test_person_goes_and_others_stay(crowd, erase, now):
    job = erase(crowd.kim, proof="Letter 2026-17")
    assert sorted(Contact.objects.values_list("pk", flat=True)) == sorted(
        [crowd.lee.pk, crowd.park.pk, crowd.caller.pk]
    )
    assert not Event.objects.filter(contact_id=crowd.kim.pk).exists()
    assert Event.objects.filter(contact_id=crowd.lee.pk).count() == 1
    assert (job.state, job.people, job.records, job.erased, job.finished_at) == ("done", 1, 1, 1, now)
    assert job.counts == {"events": 1, "profile": 1, "states": 1}
    assert list(Suppression.objects.values_list("email_key", "reason", "detail")) == [
        (crowd.kim.email_key, "erased", "")
    ]


def test_counters_stay_also_after_a_replay(crowd, erase, now):
    subject = ("form", "7")
    events = [NewEvent(p.pk, "form.submitted", now, subject=subject) for p in (crowd.kim, crowd.kim, crowd.lee)]
    append(events, source="test", now=now)
    catch_up(now)
    before = list(SubjectCounter.objects.values_list("subject__key", "n", "people"))
    assert before == [("7", 3, 2)]
    erase(crowd.kim)
    assert list(SubjectCounter.objects.values_list("subject__key", "n", "people")) == before
    for name in ("totals", "subjects"):
        replay(name, now)
        catch_up(now)
    assert list(SubjectCounter.objects.values_list("subject__key", "n", "people")) == before


def test_unread_events_are_waited_for_and_then_counted(crowd, team, now):
    erasure.request([crowd.kim.pk], by=team.alice, reason="request", now=now)
    append([NewEvent(crowd.kim.pk, "form.submitted", now, subject=("form", "7"))], source="test", now=now)
    assert running.run_due(lambda: now)
    job = Erasure.objects.get()
    assert (job.state, job.due_at, job.attempts) == ("ready", now + timedelta(seconds=1), 0)
    assert Contact.objects.filter(pk=crowd.kim.pk).exists()
    catch_up(now)
    assert running.run_due(lambda: now + timedelta(seconds=1))
    assert not Contact.objects.filter(pk=crowd.kim.pk).exists()
    assert list(SubjectCounter.objects.values_list("n", "people")) == [(1, 1)]


def test_nobody_is_waited_for_longer_than_ten_minutes(crowd, team, now):
    erasure.request([crowd.kim.pk], by=team.alice, reason="request", now=now)
    later = now + running.PATIENCE
    assert running.run_due(lambda: later)
    assert Erasure.objects.get().state == "done"
    assert not Event.objects.filter(contact_id=crowd.kim.pk).exists()


def test_all_merged_records_go_whichever_is_named(crowd, erase, team, now):
    merge(crowd.lee.pk, crowd.kim.pk, by=team.alice, now=now)
    job = erase(crowd.kim)
    assert not Contact.objects.filter(pk__in=[crowd.kim.pk, crowd.lee.pk]).exists()
    assert (job.people, job.records, job.erased) == (1, 2, 2)
    assert {row.email_key for row in Suppression.objects.all()} == {crowd.kim.email_key, crowd.lee.email_key}


def test_no_merge_with_whom_is_being_erased(crowd, team, now):
    erasure.request([crowd.kim.pk], by=team.alice, reason="request", now=now)
    with pytest.raises(WrongMerge):
        merge(crowd.lee.pk, crowd.kim.pk, by=team.alice, now=now)


@pytest.mark.parametrize(
    ("reason", "proof", "field"),
    [
        ("because", "", "reason"),
        ("request", "mail of CS.Kim@hanbit.example.com", "proof"),
        ("request", "김철수 전화", "proof"),
        ("request", "call from 01012345678", "proof"),
        ("request", "two\nlines", "proof"),
        ("request", "x" * 301, "proof"),
    ],
)
def test_refused_and_nothing_changed(crowd, team, now, reason, proof, field):
    with pytest.raises(Invalid) as caught:
        erasure.request([crowd.kim.pk], by=team.alice, reason=reason, proof=proof, now=now)
    assert list(caught.value.errors) == [field]
    assert not Erasure.objects.exists()
    assert not ErasedPerson.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("who", ["mina", "rob", "cleo", "ana"])
def test_only_admins_erase(crowd, team, now, who):
    with pytest.raises(PermissionDenied):
        erasure.request([crowd.kim.pk], by=getattr(team, who), reason="request", now=now)
    assert not Erasure.objects.exists()


def test_a_second_request_finds_nobody(crowd, team, now):
    erasure.request([crowd.kim.pk], by=team.alice, reason="request", now=now)
    with pytest.raises(Invalid):
        erasure.request([crowd.kim.pk, 999_999], by=team.alice, reason="request", now=now)
    assert Erasure.objects.count() == 1


def test_what_comes_late_goes_too(crowd, erase, now):
    erase(crowd.kim)
    append([NewEvent(crowd.kim.pk, "form.submitted", now, subject=("form", "7"))], source="test", now=now)
    catch_up(now)
    assert running.sweep_late() == 1
    assert not Event.objects.filter(contact_id=crowd.kim.pk).exists()
    assert running.sweep_late() == 0


@pytest.mark.parametrize("name", ["İpek", "ΝΙΚΟΣ"])
def test_a_name_whose_small_letters_languages_write_otherwise_goes_from_texts(name, person, erase, team, now):
    her = person(name=name, email="someone@example.com")
    for told in (f"Call with {name}", f"Call with {name}.", "Call with Emma"):
        record_trail("list", 1, "changed", now=now, by=team.rob, label=told)
        tell([News(team.rob, told)], by_mail=False, now=now)
    erase(her)
    labels = TrailEntry.objects.filter(kind="list").order_by("pk").values_list("label", flat=True)
    assert list(labels) == ["", "", "Call with Emma"]
    assert list(Notice.objects.values_list("text", flat=True)) == ["Call with Emma"]
