"""Workbooks and vCards on their way into the contacts, and those that are refused before they are parsed."""

import io
import struct
import zipfile

import pytest
import xlsxwriter
from django.core.files.base import ContentFile

from contacts.consent.models import ConsentState
from contacts.imports import jobs
from contacts.imports.errors import BadFile
from contacts.imports.formats import workbook as books
from contacts.imports.formats.table import table_of
from contacts.imports.models import ImportJob, Step
from contacts.people.models import Contact
from tests.contacts.imports.formats.books import APPLE, FOUR, OLD_PHONE, SHEET, crowd_of, workbook
from tests.contacts.imports.running import NOW, plan_for, run, upload


def csv_of(data: bytes, sheet: str = "") -> list[str]:
    with table_of(io.BytesIO(data), sheet) as table:
        return table.file.read().decode().split("\n")


def finished(job: ImportJob) -> ImportJob:
    jobs.check(job, plan_for(job), now=NOW)
    run(job)
    jobs.start(job, now=NOW)
    return run(job)


def test_cells_arrive_as_they_were_typed():
    rows = csv_of(workbook({"People": [["n", 1.5, 1e20, 0.1, "'=1", True, False, "two\nlines"]]}))
    assert rows == ["n,1.5,100000000000000000000,0.1,'=1,Y,N,two lines", ""]


def test_line_of_a_row_is_its_number_in_the_sheet_and_merged_cells_hold_for_each_row():
    rows = [
        [],
        ["", "email", "company"],
        ["", "a@example.com", "Acme"],
        ["", "b@example.com"],
        ["", "c@example.com", "Other"],
    ]
    made = csv_of(workbook({"People": rows}, merged=("C3:C4",)))
    assert made == [",", "email,company", "a@example.com,Acme", "b@example.com,Acme", "c@example.com,Other", ""]


@pytest.mark.django_db
def test_sheet_is_chosen_and_its_header_found_below_a_title(alice):
    job = upload(alice, workbook(crowd_of(SHEET)), "명단.xlsx")
    assert (job.sheets, job.sheet, job.header) == (["표지", "명단"], "표지", ["인쇄용"])
    first = job.file.name
    jobs.look_again(job, sheet="명단")
    assert (job.sheet, job.header, job.data_line) == ("명단", SHEET[2], 4)
    assert not job.file.storage.exists(first)
    finished(job)
    assert (job.rows_new, job.refusals.count()) == (3, 0)
    people = {person.email: person for person in Contact.objects.all()}
    kim = people["a@example.com"]
    assert (kim.name, kim.phone, kim.company, kim.birthday.isoformat()) == (
        "김철수",
        "+821012345678",
        "(주)한빛",
        "1990-03-07",
    )
    assert people["c@example.com"].name == "박 민수"
    said = dict(ConsentState.objects.values_list("contact__email", "decision"))
    assert said == {"a@example.com": "granted", "b@example.com": "withdrawn", "c@example.com": "granted"}
    assert (job.file.name, job.original.name) == ("", "")


@pytest.mark.django_db
def test_another_sheet_that_cannot_be_read_changes_nothing(alice):
    job = upload(alice, workbook(crowd_of(SHEET)))
    for sheet in ("Gone", "\0"):
        with pytest.raises(BadFile, match="no sheet"):
            jobs.look_again(job, sheet=sheet)
    job.refresh_from_db()
    assert (job.sheet, job.header, job.file.storage.exists(job.file.name)) == ("표지", ["인쇄용"], True)


@pytest.mark.django_db
def test_vcards_of_three_ages_in_one_file(alice):
    job = finished(upload(alice, (APPLE + FOUR + OLD_PHONE).encode(), "contacts.vcf"))
    assert (job.rows_new, list(job.refusals.values_list("code", flat=True))) == (3, [])
    found = Contact.objects.values_list("email", "name", "phone", "company", "title", "street", "city", "postcode")
    assert set(found) == {
        ("a@example.com", "김철수", "+821012345678", "(주)한빛소프트", "부장", "테헤란로 1, 3층", "강남구", "06236"),
        ("jane@example.com", "Jane Q. Doe", "+12125550100", "Acme; Sons", "", "", "", ""),
        ("b@example.com", "이영희", "+821022223333", "", "", "", "", ""),
    }
    kim = Contact.objects.get(email="a@example.com")
    assert set(kim.tag_links.values_list("tag__name", flat=True)) == {"VIP", "세미나"}
    assert (kim.birthday.isoformat(), kim.region, kim.country) == ("1990-03-07", "서울특별시", "KR")
    assert Contact.objects.get(email="jane@example.com").birthday is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
def test_vcards_in_other_encodings(encoding):
    assert csv_of(APPLE.encode(encoding))[1].split(",")[:2] == ["a@example.com", "김철수"]


def bomb(size: int, entries: int = 0) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(entries):
            archive.writestr(f"xl/media/{number}.png", "")
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _block in range(size // 1_000_000):
                entry.write(bytes(1_000_000))
    return data.getvalue()


def lying(data: bytes) -> bytes:
    """Return a bomb whose directory says that its entries are small."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 10) + data[at + 28 :]


def far_corner() -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("People")
        sheet.write(0, 0, "email")
        sheet.write(1_048_575, 16_383, "far away")
    return data.getvalue()


def other_book() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/workbook.bin", "x")
    return data.getvalue()


def broken_book() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    return data.getvalue()


def wide() -> bytes:
    return ",".join(f"c{n}" for n in range(501)).encode() + b"\n" + b",".join([b"1"] * 501)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: bomb(40_000_000), "too large"),
        (lambda: lying(bomb(40_000_000)), "too large|damaged"),
        (lambda: bomb(0, entries=books.MOST_ENTRIES), "too large"),
        (far_corner, "too large"),
        (broken_book, "damaged or has a password"),
        (lambda: workbook({"People": SHEET})[:2_000], "damaged or has a password"),
        (other_book, "another format than .xlsx"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel workbook"),
        (lambda: workbook({"Empty": []}), "The file is empty"),
        (lambda: b"BEGIN:VCARD\nVERSION:3.0\n", "no whole vCard"),
        (wide, "at most 500"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_read_is_refused_in_words_and_not_kept(alice, settings, data, message):
    with pytest.raises(BadFile, match=message):
        jobs.upload(alice, ContentFile(data()), "people", now=NOW)
    assert not ImportJob.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_300_columns_are_read(alice):
    header = ["email", *(f"c{n}" for n in range(299))]
    job = upload(alice, (",".join(header) + "\na@example.com" + "," * 299 + "\n").encode())
    assert (len(job.header), job.step) == (300, Step.UPLOADED)
    assert finished(job).rows_new == 1
