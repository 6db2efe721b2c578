"""The import pages by a person's hand: who may, what is told, what a second press does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.imports import jobs, tasks
from contacts.imports.models import ImportJob, Step
from contacts.lists.models import FixedList
from contacts.people.models import Contact
from crm.kit import clock
from crm.kit.work import WorkState
from crm.team.models import Role, User
from tests.contacts.imports.running import NOW, imported, plan_for, run, upload
from tests.people_csv import csv_bytes, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[int]:
    """Count wake-ups instead of asking a broker, which is the network's edge."""
    calls: list[int] = []
    monkeypatch.setattr(tasks.waking, "wake", lambda _task: calls.append(1))
    return calls


@pytest.fixture
def browser(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def send(client: Client, data: bytes, name: str = "고객.csv"):
    return client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile(name, data)})


def choices_of(client: Client, job: ImportJob, **more) -> dict[str, str]:
    form = client.get(reverse("contacts:import", args=[job.pk])).context["form"]
    found = {field.name: field.value() or "" for field in form if field.name.startswith("column_")}
    return {**found, "policy": "overwrite", "basis": "form", "wording": "I agree.", **more}


def test_walk_from_upload_to_result(browser, woken):
    assert "No imports yet" in browser.get(reverse("contacts:imports")).content.decode()
    answer = send(browser, csv_bytes([*[p.row for p in people(12)], ["nobody", *people(1)[0].row[1:]]]))
    job = ImportJob.objects.get()
    assert answer.url == reverse("contacts:import", args=[job.pk])
    page = browser.get(answer.url).content.decode()
    assert "고객.csv" in page
    assert "person000000@example.com" in page
    chosen = choices_of(browser, job, new_list="서울 세미나", tags="2026, 세미나")
    answer = browser.post(reverse("contacts:import_choices", args=[job.pk]), chosen)
    assert (answer.status_code, woken) == (302, [1])
    assert "every 1s" in browser.get(answer.url).content.decode()
    run(job, clock.now())
    assert browser.get(reverse("contacts:import_progress", args=[job.pk])).headers["HX-Refresh"] == "true"
    page = browser.get(answer.url).content.decode()
    assert "Import 12 people" in page
    assert "is no e-mail address" in page
    assert not Contact.objects.exists()
    browser.post(reverse("contacts:import_act", args=[job.pk, "start"]))
    run(job, clock.now())
    page = browser.get(answer.url).content.decode()
    assert f"?import={job.pk}" in page
    behind = browser.get(reverse("contacts:people"), {"import": job.pk})
    assert len(behind.context["page"].rows) == 12
    behind = browser.get(reverse("contacts:people"), {"event": "contact.created", "subject": f"import:{job.pk}"})
    assert len(behind.context["page"].rows) == 12
    assert FixedList.objects.get().members.count() == 12
    refused = browser.get(reverse("contacts:import_refused", args=[job.pk]))
    text = b"".join(refused.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "Line,Imported,Reason,Row"
    assert text.splitlines()[1].startswith("14,no,“nobody” is no e-mail address.")
    assert "filename*=UTF-8''%EA%B3%A0%EA%B0%9D" in refused.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04" + bytes(99), "damaged or has a password"),
        (b"email\r\n", "no people below them"),
    ],
)
def test_bad_file_is_told_at_its_field_and_not_kept(browser, data, message):
    answer = send(browser, data)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_wrong_choices_are_told_and_what_was_typed_is_kept(browser, alice, woken):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    chosen = choices_of(browser, job, column_0="", new_list="Never made")
    answer = browser.post(reverse("contacts:import_choices", args=[job.pk]), chosen)
    assert (answer.status_code, FixedList.objects.exists()) == (422, False)
    assert "Choose the column that holds the e-mail address." in answer.content.decode()
    chosen = choices_of(browser, job, basis="", wording="Typed with care.")
    answer = browser.post(reverse("contacts:import_choices", args=[job.pk]), chosen)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say on what ground these people agreed" in page
    assert "Typed with care." in page
    job.refresh_from_db()
    assert (job.step, woken) == (Step.UPLOADED, [])


def test_file_is_read_again_as_the_reader_says(browser, alice):
    job = upload(alice, csv_bytes((person.row for person in people(3)), encoding="utf-8"))
    url = reverse("contacts:import_reading", args=[job.pk])
    browser.post(url, {"encoding": "utf-8", "delimiter": ",", "has_header": ""})
    job.refresh_from_db()
    assert (job.encoding, job.has_header, job.header[0], job.data_offset) == ("utf-8", False, "Column 1", 0)
    for encoding, message in [("latin", "Select a valid choice"), ("cp949", "No row of this file can be read")]:
        answer = browser.post(url, {"encoding": encoding, "delimiter": ",", "has_header": "on"})
        assert (answer.status_code, message in answer.content.decode()) == (422, True)
    job.refresh_from_db()
    assert (job.encoding, job.has_header) == ("utf-8", False)


def test_second_press_changes_nothing_and_is_told(browser, alice):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    jobs.check(job, plan_for(job), now=NOW)
    run(job)
    start = reverse("contacts:import_act", args=[job.pk, "start"])
    browser.post(start)
    answer = browser.post(start, follow=True)
    assert "gone on in the meantime" in answer.content.decode()
    run(job, clock.now())
    assert job.rows_new == 3
    answer = browser.post(reverse("contacts:import_act", args=[job.pk, "cancel"]), follow=True)
    assert "There is nothing left to cancel" in answer.content.decode()
    job.refresh_from_db()
    assert (job.step, job.state) == (Step.FINISHED, WorkState.DONE)


def test_cancel_before_the_start_deletes_the_file(browser, alice):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    answer = browser.post(reverse("contacts:import_act", args=[job.pk, "cancel"]), follow=True)
    assert "This import was cancelled" in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, job.file.name) == (WorkState.CANCELLED, "")


def test_resident_numbers_are_not_shown_nor_offered(browser, alice):
    job = upload(alice, "이메일,주민등록번호\na@example.com,900307-1234567\n".encode())
    page = browser.get(reverse("contacts:import", args=[job.pk])).content.decode()
    assert "900307" not in page
    assert "may not be kept" in page
    chosen = choices_of(browser, job, column_1="title")
    browser.post(reverse("contacts:import_choices", args=[job.pk]), chosen)
    job.refresh_from_db()
    assert job.plan["columns"] == ["email", ""]


def test_list_costs_the_same_with_one_and_three(browser, alice, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    imported(alice, csv_bytes(person.row for person in people(2)))
    url = reverse("contacts:imports")
    browser.get(url)
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    for _ in range(2):
        imported(alice, csv_bytes(person.row for person in people(2)))
    with CaptureQueriesContext(connection) as three:
        browser.get(url)
    assert len(one) == len(three)


@pytest.mark.parametrize("role", Role.values)
def test_every_address_by_every_role(alice, role):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@wayfare.example", name=role, role=role))
    may = role in (Role.ADMIN, Role.MARKETER)
    for name, arguments in [
        ("imports", []),
        ("import_upload", []),
        ("import", [job.pk]),
        ("import_progress", [job.pk]),
        ("import_refused", [job.pk]),
    ]:
        answer = client.get(reverse(f"contacts:{name}", args=arguments))
        assert answer.status_code == (200 if may else 403), name
    for name, arguments in [
        ("import_reading", [job.pk]),
        ("import_choices", [job.pk]),
        ("import_act", [job.pk, "start"]),
    ]:
        answer = client.post(reverse(f"contacts:{name}", args=arguments))
        assert answer.status_code in ((302, 422) if may else (403,)), name
    job.refresh_from_db()
    assert (job.step, job.state) == (Step.UPLOADED, WorkState.DONE)


def test_nobody_comes_in_without_a_log_in(alice):
    job = upload(alice, csv_bytes(person.row for person in people(3)))
    answer = Client().get(reverse("contacts:import", args=[job.pk]))
    assert (answer.status_code, reverse("team:login") in answer.url) == (302, True)
