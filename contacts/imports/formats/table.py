"""A file that somebody gave, as a table: CSV as it is, workbooks and vCards written as CSV. Called by jobs."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports.encodings import find_encoding
from contacts.imports.errors import BadFile
from contacts.imports.formats import vcard, workbook

_BLOCK = 1024 * 1024
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Table:
    """A CSV file to read. `sheets`: of a workbook; `encoding` is known, and the file ours, when it was written here."""

    file: IO[bytes]
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""

    @property
    def is_made(self) -> bool:
        """Tell whether the table was written from another format."""
        return bool(self.encoding)


@contextlib.contextmanager
def table_of(file: IO[bytes], sheet: str = "") -> Iterator[Table]:
    """Give the table in a binary file, of a workbook the named sheet, else its first one. Raises BadFile."""
    file.seek(0)
    head = file.read(1024)
    if head.startswith(_OLD_WORKBOOK):
        raise BadFile(
            _("This is an old Excel workbook (.xls), or one with a password. Save it without a password as .xlsx.")
        )
    if workbook.is_zip(head):
        with tempfile.TemporaryDirectory() as folder:
            yield from _of_workbook(file, sheet, Path(folder))
    elif vcard.is_vcard(head):
        with tempfile.TemporaryDirectory() as folder:
            yield from _of_vcard(file, Path(folder))
    else:
        yield Table(file)


def _of_workbook(file: IO[bytes], sheet: str, folder: Path) -> Iterator[Table]:
    workbook.refuse_bombs(file)
    book, out = folder / "book.xlsx", folder / "table.csv"
    _copy(file, book)
    sheets = workbook.sheet_names(str(book))
    sheet = sheet or sheets[0]
    if sheet not in sheets:
        raise BadFile(_("The workbook has no sheet “%(sheet)s”.") % {"sheet": sheet[:60]})
    workbook.write_csv(str(book), sheet, str(out))
    with out.open("rb") as table:
        yield Table(table, tuple(sheets), sheet, "utf-8")


def _of_vcard(file: IO[bytes], folder: Path) -> Iterator[Table]:
    encoding, start = find_encoding(file)
    out = folder / "table.csv"
    file.seek(start)
    with out.open("w", encoding="utf-8", newline="") as table:
        vcard.write_csv(file, table, encoding)
    with out.open("rb") as made:
        yield Table(made, encoding="utf-8")


def _copy(file: IO[bytes], path: Path) -> None:
    file.seek(0)
    with path.open("wb") as out:
        while block := file.read(_BLOCK):
            out.write(block)
