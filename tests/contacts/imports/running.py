"""Running an import in a test, in this process and at a fixed time."""

from datetime import UTC, datetime

from django.core.files.base import ContentFile

from contacts.imports import jobs, worker
from contacts.imports.fields import attributes_of_people, guess
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from crm.team.models import User

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def upload(user: User, data: bytes, name: str = "people.csv") -> ImportJob:
    return jobs.upload(user, ContentFile(data), name, now=NOW)


def plan_for(job: ImportJob, **choices) -> Plan:
    columns = tuple(guess(job.header, job.sample, attributes_of_people()))
    return Plan(columns, **{"basis": "sign-up form", "wording": "I agree to news.", **choices})


def run(job: ImportJob, now: datetime = NOW) -> ImportJob:
    while worker.run_due(lambda: now):
        pass
    job.refresh_from_db()
    assert not job.last_error, job.last_error
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
