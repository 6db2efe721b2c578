"""What a file is: encodings, delimiters, headers, and files that are none."""

import io

import pytest
from django.utils import translation

from contacts.imports.errors import BadFile
from contacts.imports.fields import guess
from contacts.imports.sniff import sniff
from tests.people_csv import KOREAN_HEADER, csv_bytes, people

CROWD = [person.row for person in people(60)]


def look(data: bytes, **choices):
    return sniff(io.BytesIO(data), **choices)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("cp949", "cp949"),
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_every_writing_is_found(encoding, found, delimiter, newline):
    sniffed = look(csv_bytes(CROWD, encoding=encoding, delimiter=delimiter, newline=newline))
    assert (sniffed.dialect.encoding, sniffed.dialect.delimiter) == (found, delimiter)
    assert (sniffed.has_header, sniffed.header, sniffed.sample) == (True, KOREAN_HEADER, CROWD)
    assert sniffed.data_line == 2


def test_letters_that_euc_kr_lacks_are_read():
    crowd = [["똠방각하", "a@example.com"], ["펲시", "b@example.com"]]
    sniffed = look(csv_bytes(crowd, header=["이름", "이메일"], encoding="cp949"))
    assert (sniffed.dialect.encoding, sniffed.sample) == ("cp949", crowd)


def test_korean_after_a_megabyte_of_latin_is_not_taken_for_utf_8():
    rows = [["a@example.com", "Alice"]] * 60_000 + [["b@example.com", "김철수"]]
    assert look(csv_bytes(rows, header=["email", "name"], encoding="cp949")).dialect.encoding == "cp949"


def test_excel_separator_line_is_obeyed_and_skipped():
    sniffed = look(b"sep=;\r\n" + csv_bytes(CROWD, encoding="utf-8", delimiter=";"))
    assert (sniffed.dialect.delimiter, sniffed.header, sniffed.data_line) == (";", KOREAN_HEADER, 3)


def test_file_without_header_has_numbered_columns():
    sniffed = look(csv_bytes(CROWD, header=None))
    assert (sniffed.has_header, sniffed.data_offset, sniffed.data_line) == (False, 0, 1)
    assert sniffed.header[:2] == ["Column 1", "Column 2"]
    assert sniffed.sample == CROWD
    assert guess(sniffed.header, sniffed.sample)[0] == "email"


def test_same_column_name_twice_is_told_apart():
    assert look(b"name,name,email\na,b,c@example.com\n").header == ["name", "name (2)", "email"]


def test_one_column_of_addresses_is_a_table():
    assert look(b"email\na@example.com\nb@example.com\n").sample == [["a@example.com"], ["b@example.com"]]


BAD = [
    (b"", "The file is empty", "파일이 비어 있습니다"),
    (b"\xef\xbb\xbf", "The file is empty", "파일이 비어 있습니다"),
    (b" \r\n\r\n", "The file is empty", "파일이 비어 있습니다"),
    (b"%PDF-1.7 " + bytes(range(256)) * 8, "This is no text file", "텍스트 파일이 아닙니다"),
    (bytes(range(1, 32)) * 100, "This is no text file", "텍스트 파일이 아닙니다"),
    ("이메일,이름\r\n".encode("cp949"), "column names but no people", "그 아래에 고객이 없습니다"),
]


@pytest.mark.parametrize(("data", "english", "korean"), BAD)
def test_what_is_no_table_is_told_in_both_languages(data, english, korean):
    with translation.override("en"), pytest.raises(BadFile, match=english):
        look(data)
    with translation.override("ko"), pytest.raises(BadFile, match=korean):
        look(data)
