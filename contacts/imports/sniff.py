"""What a file is: its encoding, its delimiter, its header. Reads the file once as a stream, keeps only its head."""

import csv
import re
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports.encodings import ENCODINGS, find_encoding, length_of_mark
from contacts.imports.errors import BadFile
from contacts.imports.fields import guess_names
from contacts.imports.reader import LONGEST_CELL, Dialect, Reader, Record
from contacts.people.address import BadAddress, normalise

HEAD_BYTES = 256 * 1024
SAMPLE_ROWS = 200
_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=(.)\r?\n?\Z", re.IGNORECASE)
MOST_COLUMNS = 500
_HEADER_WITHIN = 20  # rows: above the column names there may be a title, a date, an empty line


@dataclass(frozen=True)
class Sniffed:
    """What was found. `header` names every column; `sample` has up to 200 rows of data, in the file's order."""

    dialect: Dialect
    has_header: bool
    header: list[str]
    sample: list[list[str]]
    data_offset: int
    data_line: int


def sniff(file: IO[bytes], *, encoding: str = "", delimiter: str = "", has_header: bool | None = None) -> Sniffed:
    """Look at a binary file and return what it is; what is given is taken as given. Raises BadFile."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    _refuse_what_is_no_text(head)
    encoding = encoding or find_encoding(file)[0]
    start = length_of_mark(head, encoding)
    text = head[start:].decode(encoding, errors="replace")
    if not text.strip(" \t\r\n\0"):
        raise BadFile(_("The file is empty. Export your people again and upload that file."))
    first_line = text.splitlines(keepends=True)[0]
    line = 1
    if match := _SEP_LINE.match(first_line):
        start, line, delimiter = start + len(first_line.encode(encoding)), 2, delimiter or match[1]
        text = text[len(first_line) :]
    old_mac = "\r" in text and "\n" not in text
    dialect = Dialect(encoding, delimiter or _delimiter(text), "\r" if old_mac else "\n")
    return _with_header(file, dialect, start, line, has_header)


def _refuse_what_is_no_text(head: bytes) -> None:
    if not head:
        raise BadFile(_("The file is empty. Export your people again and upload that file."))
    control = sum(head.count(byte) for byte in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x0e", b"\x0f"))
    if head.startswith((b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")) or (
        control > len(head) / 200
    ):
        raise BadFile(_("This is no text file. Upload a CSV file: a table of people with one person in each line."))


def _delimiter(text: str) -> str:
    """Return the delimiter under which most of the first lines have the same, largest number of cells."""
    lines = text.splitlines()[:50]
    lines = lines[:-1] if len(lines) > 2 else lines

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return (0, 0)
        most = max(set(widths), key=widths.count) if widths else 0
        return (widths.count(most) / len(widths), most) if most > 1 else (0, most)

    return max(_DELIMITERS, key=score)


def _with_header(file: IO[bytes], dialect: Dialect, offset: int, line: int, has_header: bool | None) -> Sniffed:
    rows = []
    for record in Reader(file, dialect, offset, line):
        if not record.error and any(cell.strip() for cell in record.cells):
            rows.append(record)
        if len(rows) > SAMPLE_ROWS:
            break
    if not rows:
        raise BadFile(_("No row of this file can be read. Check that it is a CSV file, or choose another encoding."))
    place = _header_place(rows) if has_header is not False else 0
    first, *rest = rows[place:]
    if len(first.cells) > MOST_COLUMNS:
        raise BadFile(
            _("The file has %(columns)d columns; at most %(most)d are read. Leave some out when you export.")
            % {"columns": len(first.cells), "most": MOST_COLUMNS}
        )
    if has_header is None:
        has_header = _looks_like_header(first.cells)
    if has_header and not rest:
        raise BadFile(_("The file has column names but no people below them."))
    data = rest if has_header else rows
    return Sniffed(
        dialect,
        has_header,
        _names(first.cells if has_header else [""] * len(first.cells)),
        [[cell[:200] for cell in record.cells] for record in data[:SAMPLE_ROWS]],
        first.end if has_header else first.start,
        first.next_line if has_header else first.line,
    )


def _header_place(rows: list[Record]) -> int:
    """Return the place of the row with the column names: the first, unless a later one has more that are known."""
    known = [sum(map(bool, guess_names(record.cells))) for record in rows[:_HEADER_WITHIN]]
    best = known.index(max(known))
    return best if known[0] < 2 <= known[best] else 0


def _looks_like_header(cells: list[str]) -> bool:
    for cell in cells:
        try:
            normalise(cell)
        except BadAddress:
            continue
        return False
    return any(guess_names(cells)) or not any(any(char.isdigit() for char in cell) for cell in cells)


def _names(cells: list[str]) -> list[str]:
    """Return a distinct name of at most 80 characters for each column."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = " ".join(cell.split())[:70] or _("Column %(number)d") % {"number": number}
        names.append(name if name not in names else f"{name} ({number})")
    return names


__all__ = ["ENCODINGS", "LONGEST_CELL", "Sniffed", "sniff"]
