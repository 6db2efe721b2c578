"""What is left of an import after IMPORT_DAYS: numbers and reasons, and nothing of the people."""

from datetime import timedelta

import pytest

from contacts.imports import forgetting, jobs
from contacts.imports.forgetting import GONE, forget
from contacts.imports.models import ImportJob, ImportRefusal
from tests.contacts.imports.running import NOW, imported, plan_for, run, upload

pytestmark = pytest.mark.django_db
FILE = b"email,name,phone\nnobody,Kim,\n,Lee,\nann@example.com,Ann,12x\nann@example.com,Ann,\n"
LATER = NOW + timedelta(days=91)


def refusals(job):
    return list(job.refusals.order_by("line").values_list("line", "code", "value", "row"))


def test_refused_rows_are_emptied_and_still_say_why(alice, settings, monkeypatch):
    monkeypatch.setattr(forgetting, "_SLICE", 2)
    job = imported(alice, FILE)
    before = refusals(job)
    assert [(line, code) for line, code, _value, _row in before] == [
        (2, "bad_address"), (3, "no_address"), (4, "bad_phone"), (5, "duplicate"),
    ]  # fmt: skip
    settings.IMPORT_DAYS = 92
    assert forget(LATER) == 0
    assert refusals(job) == before
    settings.IMPORT_DAYS = 90
    assert forget(LATER) == 4
    assert refusals(job) == [
        (2, "bad_address", GONE, ""), (3, "no_address", "", ""), (4, "bad_phone", GONE, ""), (5, "duplicate", "4", ""),
    ]  # fmt: skip
    assert ImportRefusal.objects.get(line=2).reason == "“…” is no e-mail address."
    job.refresh_from_db()
    assert "ann@" not in str(job.preview)
    assert job.rows_new == 1
    assert forget(LATER) == 0


def test_an_import_left_lying_is_cancelled_with_its_file(alice):
    left, checked, working = (upload(alice, FILE) for _ in range(3))
    jobs.check(checked, plan_for(checked), now=NOW)
    run(checked)
    jobs.check(working, plan_for(working), now=NOW)
    ImportJob.objects.update(created_at=NOW)
    forget(NOW + timedelta(days=89))
    assert not ImportJob.objects.filter(state="cancelled").exists()
    forget(LATER)
    assert set(ImportJob.objects.filter(state="cancelled").values_list("pk", flat=True)) == {left.pk, checked.pk}
    assert set(ImportJob.objects.filter(file="").values_list("pk", flat=True)) == {left.pk, checked.pk}
    forget(LATER + timedelta(days=91))
    checked.refresh_from_db()
    assert "ann@" not in str(checked.preview)
