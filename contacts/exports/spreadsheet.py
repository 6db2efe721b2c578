"""Writing rows as CSV or as an Excel workbook, in bounded memory; nothing in them is taken for a formula."""

import csv
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import xlsxwriter  # type: ignore[import-untyped]
from django.utils import timezone

from contacts.exports.kind import Cell
from crm.kit.text import neutral

BOM = "\ufeff"
MOST_ROWS = 1_048_575  # of a sheet, below its header
_LONGEST_CELL = 32_767


class Sheet(Protocol):
    """Takes one row after the other."""

    def write(self, cells: Sequence[Cell]) -> None:
        """Write one row."""


class CsvFile(AbstractContextManager["CsvFile"]):
    """UTF-8 with a mark at its beginning, by which spreadsheets know it."""

    def __init__(self, path: Path, header: Iterable[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(BOM)
        self._writer = csv.writer(self._file)
        self.write(list(header))

    def write(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        self._writer.writerow([_text(cell) for cell in cells])

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        """Close the file."""
        self._file.close()


class Workbook(AbstractContextManager["Workbook"]):
    """One sheet, written row by row to the disk; texts stay texts."""

    def __init__(self, path: Path, header: Iterable[str]) -> None:
        options = {"constant_memory": True, "tmpdir": str(path.parent), "remove_timezone": True}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet()
        self._bold = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._row = 0
        for place, title in enumerate(header):
            self._sheet.write_string(0, place, title, self._bold)
        self._sheet.freeze_panes(1, 0)

    def write(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        self._row += 1
        for place, cell in enumerate(cells):
            self._cell(place, cell)

    def _cell(self, place: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            self._sheet.write_datetime(self._row, place, timezone.localtime(cell).replace(tzinfo=None), self._time)
        elif isinstance(cell, date) and cell.year > 1900:
            self._sheet.write_datetime(self._row, place, cell, self._day)
        elif isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
            self._sheet.write_number(self._row, place, cell)
        elif cell not in (None, ""):
            self._sheet.write_string(self._row, place, str(cell)[:_LONGEST_CELL])

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        """Write the file."""
        self._book.close()


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, float, Decimal)):
        return str(cell)  # a number below zero is no formula
    return neutral(cell) if cell else ""
