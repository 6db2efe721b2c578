"""An import in a real browser against a real server: Korean file, choices, dry run, progress that ends by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contacts.imports import worker
from contacts.imports.models import ImportJob, Step
from contacts.ledger.follow import catch_up
from contacts.people.address import email_key
from contacts.people.models import Contact
from crm.kit import clock
from crm.team.models import Role, User
from tests.contacts.imports.formats.books import SHEET, crowd_of, workbook
from tests.people_csv import csv_bytes, people


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    crowd = people(40)
    bad = [["no address", *crowd[0].row[1:]], [crowd[1].email, *crowd[2].row[1:]]]
    path = tmp_path / "고객 명단.csv"
    path.write_bytes(csv_bytes([*[person.row for person in crowd], *bad]))
    return path


def work() -> None:
    """Do what a worker does, until nothing is due."""
    while worker.run_due(clock.now):
        pass


def test_korean_file_from_upload_to_the_people_behind_the_number(
    page: Page, sign_in: Callable[[User], None], csv_file: Path
) -> None:
    sign_in(User.objects.create_user("alice@wayfare.example", "x", name="Alice", role=Role.MARKETER))
    page.goto("/imports/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(csv_file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("고객 명단.csv")
    expect(page.get_by_label("이메일 수신여부", exact=True)).to_have_value("consent.marketing.email")
    expect(page.get_by_label("성", exact=True)).to_have_value("family_name")
    page.get_by_label("On what ground").fill("Sign-up form")
    page.get_by_label("The words they agreed to").fill("광고성 정보 수신에 동의합니다.")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.get_by_role("heading", level=1)).to_have_text("This would happen")
    expect(page.get_by_text("has the same address")).to_be_visible()
    assert not Contact.objects.exists()
    page.get_by_role("button", name="Import 40 people").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.get_by_role("link", name="New people")).to_contain_text("40")
    assert ImportJob.objects.get().step == Step.FINISHED
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    assert download.value.suggested_filename == "고객 명단 - not imported.csv"
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    page.get_by_role("link", name="New people").click()
    expect(page.get_by_text("person000000@example.com")).to_be_visible()


def test_workbook_from_its_sheet_to_the_undone_import(
    page: Page, sign_in: Callable[[User], None], tmp_path: Path
) -> None:
    book = tmp_path / "명단.xlsx"
    book.write_bytes(workbook(crowd_of(SHEET)))
    known = Contact.objects.create(email="c@example.com", email_key=email_key("c@example.com"), name="Before")
    sign_in(User.objects.create_user("alice@wayfare.example", "x", name="Alice", role=Role.MARKETER))
    page.goto("/imports/new/")
    page.get_by_label("File", exact=True).set_input_files(book)
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Another sheet?").click()
    page.get_by_label("Sheet", exact=True).select_option("명단")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_label("이메일 수신여부", exact=True)).to_have_value("consent.marketing.email")
    page.get_by_label("생년월일", exact=True).select_option(label="Date")
    page.get_by_label("On what ground").fill("Sign-up form")
    page.get_by_label("The words they agreed to").fill("광고성 정보 수신에 동의합니다.")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.get_by_text("Before", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Import 3 people").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.get_by_role("link", name="New people")).to_contain_text("2")
    catch_up(clock.now())
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="What was undone")).to_be_visible()
    expect(page.get_by_role("row", name="People it had made: removed")).to_contain_text("2")
    known.refresh_from_db()
    assert (known.name, list(Contact.objects.values_list("email", flat=True))) == ("Before", ["c@example.com"])
