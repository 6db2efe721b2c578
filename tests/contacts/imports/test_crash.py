"""Imports under trouble: a worker killed in mid-merge, two workers at once, a cancel, people made meanwhile."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections

from contacts.consent.models import ConsentEntry
from contacts.imports import jobs, merge, ranges, work_file, worker
from contacts.imports.models import ImportJob, Step
from contacts.ledger.models import Event
from contacts.people.address import email_key
from contacts.people.models import Account, Contact
from crm.kit import clock
from crm.kit.work import LostLease, WorkState
from tests.contacts.imports.running import NOW, plan_for, run, upload
from tests.people_csv import csv_bytes, people
from tests.processes import python, soon

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 1_500
# Given a number, it kills itself in the transaction of the range behind so many rows: at the same place in every run.
WORKER = """
import os, signal, sys, time, django
django.setup()
from django.conf import settings
from contacts.imports import dry_run, merge, work_file, worker
from crm.kit import clock
settings.MEDIA_ROOT = sys.argv[1]
whole, last = merge.merge, int(sys.argv[2]) if len(sys.argv) > 2 else None
def merged(job, *choices):
    done = whole(job, *choices)
    if job.rows_merged == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
merge.merge = merged
work_file.MERGE_ROWS = work_file.FEWEST_MERGED = work_file.MOST_MERGED = dry_run.STAGE_ROWS = 100
while True:
    worker.run_due(clock.now)
    time.sleep(0.02)
"""


@pytest.fixture
def crowd():
    return people(ROWS)


@pytest.fixture
def checked(alice, crowd, monkeypatch) -> ImportJob:
    monkeypatch.setattr(work_file, "MERGE_ROWS", 100)
    monkeypatch.setattr(work_file, "MOST_MERGED", 100)
    job = upload(alice, csv_bytes(person.row for person in crowd))
    jobs.check(job, plan_for(job), now=NOW)
    return run(job)


def assert_everything_arrived_once(job: ImportJob, crowd) -> None:
    job.refresh_from_db()
    assert (job.step, job.rows_new, job.rows_changed, job.rows_unchanged) == (Step.FINISHED, ROWS, 0, 0)
    assert dict(Contact.objects.values_list("email", "name")) == {person.email: person.name for person in crowd}
    assert Event.objects.filter(kind__key="contact.created").count() == ROWS
    assert Event.objects.filter(kind__key="contact.imported").count() == ROWS
    assert ConsentEntry.objects.count() == sum(1 for person in crowd if person.said)


def merged(job: ImportJob) -> int:
    job.refresh_from_db()
    return job.rows_merged


def test_worker_killed_in_mid_merge_is_followed_by_the_next(checked, crowd, settings):
    jobs.start(checked, now=clock.now())
    for kill_at in (300, 800):
        with python("-c", WORKER, str(settings.MEDIA_ROOT), str(kill_at)) as killed:
            assert killed.wait(60) == -signal.SIGKILL
        assert merged(checked) == kill_at
        assert Contact.objects.count() == merged(checked)
    with python("-c", WORKER, str(settings.MEDIA_ROOT)):
        assert soon(lambda: ImportJob.objects.filter(pk=checked.pk, step=Step.FINISHED).exists())
    assert_everything_arrived_once(checked, crowd)


def test_worker_killed_while_reading_goes_on_at_its_row(alice, crowd, settings):
    job = upload(alice, csv_bytes((person.row for person in crowd), encoding="utf-16"))
    jobs.check(job, plan_for(job), now=clock.now())
    with python("-c", WORKER, str(settings.MEDIA_ROOT)) as worker:
        assert soon(lambda: ImportJob.objects.filter(pk=job.pk, rows_read__gte=500).exists())
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    with python("-c", WORKER, str(settings.MEDIA_ROOT)):
        assert soon(lambda: ImportJob.objects.filter(pk=job.pk, step=Step.CHECKED).exists())
        job.refresh_from_db()
        assert (job.rows_read, job.rows_kept, job.refusals.count(), job.preview["new"]) == (ROWS, ROWS, 0, ROWS)
        jobs.start(job, now=clock.now())
        assert soon(lambda: ImportJob.objects.filter(pk=job.pk, step=Step.FINISHED).exists())
    assert_everything_arrived_once(job, crowd)


def test_two_workers_share_no_range(checked, crowd):
    jobs.start(checked, now=NOW)

    def work() -> None:
        for _ in range(20):
            worker.run_due(lambda: NOW, seconds=-1)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    run(checked)
    assert_everything_arrived_once(checked, crowd)


def test_worker_that_lost_its_lease_writes_nothing(checked):
    jobs.start(checked, now=NOW)
    (first,) = ImportJob.claim(NOW)
    (second,) = ImportJob.claim(NOW + timedelta(hours=1))
    merge.prepare()
    plan = plan_for_stored(first)
    with pytest.raises(LostLease):
        ranges.merge_next(first, plan, work_file.MERGE_ROWS, lambda: NOW)
    assert not Contact.objects.exists()
    assert ranges.merge_next(second, plan, work_file.MERGE_ROWS, lambda: NOW)
    assert Contact.objects.count() == 100


def plan_for_stored(job: ImportJob):
    from contacts.imports.plan import Plan

    return Plan.from_json(job.plan)


def test_cancel_in_mid_merge_stops_and_keeps_what_is_in(checked):
    jobs.start(checked, now=NOW)
    worker.run_due(lambda: NOW, seconds=-1)
    (holder,) = ImportJob.claim(NOW)
    assert jobs.cancel(ImportJob.objects.get(pk=checked.pk), now=NOW)
    merge.prepare()
    with pytest.raises(Exception, match="import_stage"):
        ranges.merge_next(holder, plan_for_stored(holder), work_file.MERGE_ROWS, lambda: NOW)
    assert not worker.run_due(lambda: NOW)
    checked.refresh_from_db()
    assert (checked.state, checked.rows_merged, Contact.objects.count()) == (WorkState.CANCELLED, 100, 100)
    assert checked.file.name == ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"import_stage_{checked.pk}"])
        assert cursor.fetchone() == (None,)
    assert not jobs.cancel(checked, now=NOW)


def test_person_made_between_match_and_insert_is_matched_again(checked, monkeypatch):
    jobs.start(checked, now=NOW)
    inserted = merge._Range.insert
    raced = []

    def race(self):
        if not raced:
            raced.append(1)
            other = threading.Thread(target=make_meanwhile)
            other.start()
            other.join()
        return inserted(self)

    monkeypatch.setattr(merge._Range, "insert", race)
    run(checked)
    assert (checked.rows_new, checked.rows_changed) == (ROWS - 1, 1)
    assert Contact.objects.filter(email="person000005@example.com").count() == 1
    assert Event.objects.filter(kind__key="contact.imported").count() == ROWS


def make_meanwhile() -> None:
    address = "person000005@example.com"
    Contact.objects.create(email=address, email_key=email_key(address), name="Meanwhile")
    connections.close_all()


def test_error_that_stays_is_shown_and_the_import_can_go_on(checked, monkeypatch, caplog):
    jobs.start(checked, now=NOW)
    whole = merge.merge

    def broken(*_args):
        raise IntegrityError("disk on fire")

    monkeypatch.setattr(merge, "merge", broken)
    monkeypatch.setattr(ImportJob, "max_attempts", 1)
    assert worker.run_due(lambda: NOW)
    checked.refresh_from_db()
    assert (checked.state, "disk on fire" in checked.last_error) == (WorkState.FAILED, True)
    assert not Contact.objects.exists()
    monkeypatch.setattr(merge, "merge", whole)
    jobs.start(checked, now=NOW)
    run(checked)
    assert Contact.objects.count() == ROWS
    assert Account.objects.count() == len(set(Contact.objects.values_list("account_id", flat=True)))
