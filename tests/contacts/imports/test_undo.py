"""Undoing an import: back to what was, but for what happened since."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.consent.models import ConsentEntry, ConsentState, Suppression
from contacts.consent.record import Proof, record
from contacts.imports import jobs, reversal, undo, worker
from contacts.imports.errors import BadPlan
from contacts.imports.forgetting import forget
from contacts.imports.models import ImportRange, Step
from contacts.imports.plan import Policy
from contacts.imports.undo import DAYS
from contacts.ledger.append import NewEvent, append
from contacts.ledger.integrity import lost_events
from contacts.ledger.models import Event
from contacts.lists.models import ContactTag, FixedList, ListMember
from contacts.people.address import email_key
from contacts.people.models import Contact
from tests.contacts.imports.running import NOW, imported, run
from tests.contacts.segments.living import follow

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def known(email: str, **fields) -> Contact:
    return Contact.objects.create(email=email, email_key=email_key(email), **fields)


def undone(job, now=LATER):
    follow(now)
    reversal.start_undo(job, now=now)
    run(job, now)
    assert job.step == Step.UNDONE
    return job.undone


def test_everything_goes_back_but_what_happened_since(alice, attribute):
    fixed = FixedList.objects.create(name="News")
    old = known("old@example.com", name="Old", title="CEO", attributes={"vip": "Silver"})
    busy = known("busy@example.com", name="Busy")
    there = known("there@example.com", name="There")
    ListMember.objects.create(fixed_list=fixed, contact=there)
    proof = Proof(source="form", basis="shop", wording="Yes.")
    record(
        old.pk, "marketing", "email", "granted", at=NOW - timedelta(days=9), proof=proof, now=NOW - timedelta(days=9)
    )
    data = (
        "email,name,title,vip,수신여부,동의일,수신거부,birthday\n"
        "old@example.com,New,,Gold,N,,,1990-01-02\nbusy@example.com,Busier,CTO,,,,,\nthere@example.com,There,,,,,,\n"
        "fresh@example.com,Fresh,,,Y,2026-05-01,,\nactive@example.com,Active,,,Y,2026-05-01,,\n"
        "out@example.com,Out,,,,,Y,\n"
    )
    job = imported(alice, data.encode(), list_id=fixed.pk, tags=("2026",))
    assert (job.rows_new, job.rows_changed) == (3, 2)
    active = Contact.objects.get(email="active@example.com")
    append([NewEvent(active.pk, "page.viewed", LATER)], source="test", now=LATER)
    Contact.objects.filter(pk=busy.pk).update(name="Edited since")
    entries = ConsentEntry.objects.filter(contact__in=[old, active]).count()

    numbers = undone(job)
    assert {key: numbers[key] for key in ("removed", "kept", "reverted", "changed_since")} == {
        "removed": 2, "kept": 1, "reverted": 2, "changed_since": 0
    }  # fmt: skip
    assert (numbers["memberships"], numbers["consents"], numbers["readmitted"]) == (7, 2, 1)
    assert set(Contact.objects.values_list("email", flat=True)) == {
        "old@example.com", "busy@example.com", "there@example.com", "active@example.com"
    }  # fmt: skip
    old.refresh_from_db()
    busy.refresh_from_db()
    assert (old.name, old.title, old.attributes, old.birthday) == ("Old", "CEO", {"vip": "Silver"}, None)
    assert (busy.name, busy.title) == ("Edited since", "")
    assert list(fixed.members.values_list("contact__email", flat=True)) == ["there@example.com"]
    assert not ContactTag.objects.exists()
    assert not Suppression.objects.exists()
    holds = dict(ConsentState.objects.values_list("contact__email", "decision"))
    assert holds == {"old@example.com": "granted", "active@example.com": "withdrawn"}
    taken = ConsentEntry.objects.filter(source="import undone")
    assert dict(taken.values_list("contact__email", "wording")) == {"old@example.com": "Yes.", "active@example.com": ""}
    assert ConsentEntry.objects.count() == entries + 2
    assert lost_events() == []
    assert not ImportRange.objects.exists()
    again = imported(alice, b"email\nfresh@example.com\n")
    assert again.rows_new == 1


def test_undo_of_a_range_that_fails_is_whole_or_nothing_and_goes_on(alice, monkeypatch):
    known("a@example.com", name="A")
    job = imported(alice, b"email,name\na@example.com,New\nb@example.com,B\n")
    follow(LATER)
    reversal.start_undo(job, now=LATER)
    whole = undo.undo

    def broken(*args):
        whole(*args)
        raise RuntimeError("power cut")

    monkeypatch.setattr(undo, "undo", broken)
    worker.run_due(lambda: LATER)
    job.refresh_from_db()
    assert (Contact.objects.get(email="a@example.com").name, job.undone["reverted"]) == ("New", 0)
    monkeypatch.setattr(undo, "undo", whole)
    run(job, LATER + timedelta(minutes=5))
    assert (job.step, Contact.objects.get().name, job.undone["removed"]) == (Step.UNDONE, "A", 1)


def test_too_late_or_twice_is_refused(alice):
    job = imported(alice, b"email\na@example.com\n")
    with pytest.raises(BadPlan, match="no longer be undone"):
        reversal.start_undo(job, now=NOW + timedelta(days=DAYS, minutes=1))
    undone(job)
    with pytest.raises(BadPlan, match="no longer be undone"):
        reversal.start_undo(job, now=LATER)
    assert not jobs.cancel(job, now=LATER)
    assert not Contact.objects.exists()
    assert not Event.objects.exists()


def test_what_undo_needs_is_forgotten_in_time(alice):
    job = imported(alice, b"email\na@example.com\n")
    forget(NOW + timedelta(days=DAYS - 1))
    assert job.ranges.count() == 1
    forget(NOW + timedelta(days=DAYS, minutes=1))
    assert job.ranges.count() == 0
    assert not reversal.may_be_undone(job, NOW)


def test_newest_wins_and_columns_have_their_own_rule(alice):
    for name in ("stale", "newer"):
        known(f"{name}@example.com", name="Old", title="", phone="+821011112222")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET updated_at = '2026-06-01'")
    data = b"email,name,title,phone,updated at\n" + b"".join(
        f"{name}@example.com,New,CEO,010-9999-8888,{day}\n".encode()
        for name, day in (("stale", "2026-05-01"), ("newer", "2026-07-01"))
    )
    imported(alice, data, policy=Policy.NEWEST, policies=(("phone", Policy.KEEP),))
    found = {person.email: (person.name, person.title, person.phone) for person in Contact.objects.all()}
    assert found == {
        "stale@example.com": ("Old", "CEO", "+821011112222"),
        "newer@example.com": ("New", "CEO", "+821011112222"),
    }
