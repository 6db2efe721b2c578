"""Imports from file to contacts: what arrives, what is refused, what the ledger is told."""

from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile

from contacts.consent.models import ConsentState
from contacts.imports import jobs
from contacts.imports.fields import attributes_of_people, guess
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.team.models import Role, User
from tests.people_csv import csv_bytes, people

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice@wayfare.example", name="Alice", role=Role.MARKETER)


def upload(user: User, data: bytes, name: str = "people.csv") -> ImportJob:
    return jobs.upload(user, ContentFile(data), name, now=NOW)


def plan_for(job: ImportJob, **choices) -> Plan:
    columns = tuple(guess(job.header, job.sample, attributes_of_people()))
    return Plan(columns, **{"basis": "sign-up form", "wording": "I agree to news.", **choices})


def run(job: ImportJob) -> ImportJob:
    while jobs.run_due(lambda: NOW):
        pass
    job.refresh_from_db()
    assert job.last_error == ""
    return job


def imported(user: User, data: bytes, **choices) -> ImportJob:
    job = upload(user, data)
    jobs.check(job, plan_for(job, **choices), now=NOW)
    run(job)
    assert job.step == Step.CHECKED
    jobs.start(job, now=NOW)
    run(job)
    assert job.step == Step.FINISHED
    return job


def test_cp949_file_of_500_arrives_whole(alice):
    crowd = people(500)
    job = imported(alice, csv_bytes(person.row for person in crowd))
    assert (job.encoding, job.delimiter, job.has_header) == ("cp949", ",", True)
    assert (job.rows_new, job.rows_changed, job.rows_unchanged, job.refusals.count()) == (500, 0, 0, 0)
    found = dict(Contact.objects.values_list("email", "name"))
    assert found == {person.email: person.name for person in crowd}
    first = Contact.objects.get(email=crowd[0].email)
    assert first.phone == "+8210" + crowd[0].phone[4:].replace("-", "")
    assert (first.company, first.title, first.city) == (crowd[0].company, crowd[0].title, crowd[0].city)
    assert first.account is not None
    said = ConsentState.objects.values_list("contact__email", "decision")
    assert dict(said) == {p.email: {"Y": "granted", "N": "withdrawn"}[p.said] for p in crowd if p.said}
    assert Event.objects.filter(kind__key="contact.created").count() == 500
    about = {"subject__type": "import", "subject__key": str(job.pk)}
    assert Event.objects.filter(kind__key="contact.imported", **about).count() == 500


@pytest.mark.django_db(transaction=True)
def test_claim_works_outside_a_transaction_and_only_one_gets_it(alice):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    jobs.check(job, plan_for(job), now=NOW)
    assert [row.pk for row in ImportJob.claim(NOW)] == [job.pk]
    assert ImportJob.claim(NOW) == []
