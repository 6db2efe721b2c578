"""Rows of a CSV file as a stream, each with its line and its place in bytes, so that reading can go on after a kill."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

LONGEST_CELL = 32_768  # characters, as in Excel
_LONGEST_LINE = 4 * 1024 * 1024  # bytes; a longer physical line is refused in pieces
_RECORD_LINES = 1_000  # a quoted cell that runs over more lines than this was never closed


@dataclass(frozen=True)
class Dialect:
    """How the file is written. `newline` is "\\n" (also for "\\r\\n") or "\\r"."""

    encoding: str
    delimiter: str
    newline: str = "\n"


@dataclass(slots=True)
class Record:
    """One row: its cells or an error code, its first line (from 1), and the bytes [start, end) it stands in."""

    cells: list[str]
    error: str
    line: int
    next_line: int
    start: int
    end: int


class _Lines:
    """The physical lines of a file from a byte on, decoded one by one; counts bytes and lines as they are taken."""

    def __init__(self, file: IO[bytes], dialect: Dialect, offset: int, line: int) -> None:
        self.offset, self.line = offset, line
        self.bad = False
        self._encoding = dialect.encoding
        self._newline = dialect.newline.encode(dialect.encoding)
        self._file = file
        self._rest = b""
        self._left = 0
        file.seek(offset)

    def begin(self) -> None:
        """Start a new record."""
        self.bad, self._left = False, _RECORD_LINES

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._raw()
        if not raw:
            raise StopIteration
        self.offset += len(raw)
        self.line += 1
        self._left -= 1
        if self._left < 0:
            raise csv.Error("record runs over too many lines")
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError:
            self.bad = True
            return raw.decode(self._encoding, errors="replace")

    def _raw(self) -> bytes:
        if self._newline == b"\n":
            return self._file.readline(_LONGEST_LINE)
        return self._cut()

    def _cut(self) -> bytes:
        """Return the next line where the separator is not the byte "\\n" alone (UTF-16, old Macs)."""
        searched = 0
        while True:
            at = self._find(searched)
            if at >= 0 or len(self._rest) >= _LONGEST_LINE:
                break
            searched = max(0, len(self._rest) - len(self._newline)) & ~1
            if not (block := self._file.read(65_536)):
                at = -1
                break
            self._rest += block
        size = at + len(self._newline) if at >= 0 else len(self._rest)
        raw, self._rest = self._rest[:size], self._rest[size:]
        return raw

    def _find(self, start: int) -> int:
        width = len(self._newline)
        while True:
            at = self._rest.find(self._newline, start)
            if at < 0 or at % width == 0:
                return at
            start = at + 1


class Reader:
    """Iterates over the records of a binary file from byte `offset`, whose line number is `line`.

    A record whose quotation mark is never closed costs only its first line: reading goes on with the next one.
    """

    def __init__(self, file: IO[bytes], dialect: Dialect, offset: int, line: int) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self._file, self._dialect = file, dialect
        self._begin(offset, line)

    def _begin(self, offset: int, line: int) -> None:
        self._lines = _Lines(self._file, self._dialect, offset, line)
        self._rows = csv.reader(self._lines, delimiter=self._dialect.delimiter, strict=True)

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        lines = self._lines
        start, line = lines.offset, lines.line
        lines.begin()
        try:
            cells = next(self._rows)
        except csv.Error as error:
            return self._refused(start, line, str(error))
        return Record(cells, "not_decodable" if lines.bad else "", line, lines.line, start, lines.offset)

    def _refused(self, start: int, line: int, error: str) -> Record:
        too_long = self._lines.line == line + 1 and "field larger" in error
        again = _Lines(self._file, self._dialect, start, line)
        again.begin()
        text = next(again)
        self._begin(again.offset, again.line)
        code = "cell_too_long" if too_long else "bad_quotes"
        return Record([text[:2_000]], code, line, again.line, start, again.offset)
