"""Rows of a file as a stream: whatever is written is read back, and reading can begin at any row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.reader import LONGEST_CELL, Dialect, Reader

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=8)


def written(rows, encoding, delimiter=",", newline="\r\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode(encoding)


def read(data: bytes, dialect: Dialect, offset: int = 0, line: int = 1):
    return list(Reader(io.BytesIO(data), dialect, offset, line))


@given(rows=ROWS, encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]), delimiter=st.sampled_from(",;\t|"))
def test_what_is_written_is_read(rows, encoding, delimiter):
    records = read(written(rows, encoding, delimiter), Dialect(encoding, delimiter))
    assert [(record.cells, record.error) for record in records] == [(row, "") for row in rows]


@given(rows=ROWS, encoding=st.sampled_from(["utf-8", "utf-16-le"]), at=st.integers(0, 7))
def test_reading_goes_on_at_any_row(rows, encoding, at):
    data, dialect = written(rows, encoding), Dialect(encoding, ",")
    whole = read(data, dialect)
    first = whole[min(at, len(whole) - 1)]
    assert read(data, dialect, first.start, first.line) == whole[whole.index(first) :]
    assert whole[-1].end == len(data)


@given(data=st.binary(max_size=400), encoding=st.sampled_from(["utf-8", "cp949", "utf-16-le"]))
def test_any_bytes_end_and_move_on(data, encoding):
    places = [(record.start, record.end) for record in read(data, Dialect(encoding, ","))]
    assert all(start < end for start, end in places)
    assert [end for _, end in places][:-1] == [start for start, _ in places][1:]


def test_megabyte_cell_costs_its_row_only():
    data = f"a@example.com,{'x' * 1_000_000}\nb@example.com,ok\n".encode()
    first, second = read(data, Dialect("utf-8", ","))
    assert (first.error, first.line, len(first.cells[0])) == ("cell_too_long", 1, 2_000)
    assert (second.cells, second.error, second.line) == (["b@example.com", "ok"], "", 2)
    assert LONGEST_CELL < 1_000_000


@pytest.mark.parametrize("tail", [10, 5_000])
def test_quote_that_is_never_closed_costs_its_line_only(tail):
    rows = "".join(f"person{number}@example.com,name\n" for number in range(tail))
    records = read(f'a@example.com,"Alice\n{rows}'.encode(), Dialect("utf-8", ","))
    assert [record.error for record in records] == ["bad_quotes"] + [""] * tail
    assert [record.line for record in records] == list(range(1, tail + 2))


def test_cell_over_several_lines_keeps_the_count_of_lines():
    records = read(b'a,"one\ntwo"\nb,c\n', Dialect("utf-8", ","))
    assert [(record.cells, record.line) for record in records] == [(["a", "one\ntwo"], 1), (["b", "c"], 3)]


def test_line_in_another_encoding_is_told():
    records = read(b"a,b\n" + "김,c\n".encode("cp949") + b"d,e\n", Dialect("utf-8", ","))
    assert [record.error for record in records] == ["", "not_decodable", ""]
