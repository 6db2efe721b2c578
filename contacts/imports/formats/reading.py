"""The child process that reads a workbook: no Django, little memory, little time (see workbook.py, its one caller).

`names FILE` prints its sheets; `rows FILE SHEET OUT` writes one of them as CSV, a line for each row of the sheet.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineSheet, SheetTypeEnum, load_workbook

MEMORY = 1_500 * 1024 * 1024  # bytes of address space
SECONDS = 120  # of processor time
UNREADABLE = 3  # exit status: the workbook is damaged or has a password


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    verb, path, *rest = arguments
    try:
        if verb == "names":
            print(json.dumps(_names(path)))  # noqa: T201 - the parent reads it
        else:
            _write(path, *rest)
    except CalamineError:
        return UNREADABLE
    return 0


def _names(path: str) -> list[str]:
    with load_workbook(path) as book:
        return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]


def _write(path: str, sheet: str, out: str) -> None:
    with load_workbook(path) as book, open(out, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        rows = csv.writer(file, lineterminator="\n")
        rows.writerows(_rows(book.get_sheet_by_name(sheet)))


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    """Yield the rows from the sheet's first line on; what is merged downwards stands in each of its rows."""
    if sheet.start is None:
        return
    merged = _downwards(sheet)
    held: dict[int, str] = {}
    for number, raw in enumerate(sheet.iter_rows()):
        cells = [text(cell) for cell in raw]
        for first, last, column in merged.get(number, ()):
            if number == first:
                held[column] = cells[column] if column < len(cells) else ""
            if column < len(cells):
                cells[column] = held.get(column, "")
            if number < last:
                merged.setdefault(number + 1, []).append((first, last, column))
        yield cells


def _downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, int, int]]]:
    """Return for each first row of cells merged over several rows: (first row, last row, column)."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if sheet.start and bottom > top and left >= sheet.start[1]:
            found.setdefault(top, []).append((top, bottom, left - sheet.start[1]))
    return found


def text(cell: Any) -> str:
    """Return a cell as the person who typed it would write it on one line."""
    if isinstance(cell, str):
        return " ".join(cell.split()) if "\n" in cell or "\r" in cell else cell
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else _span(cell)


def _number(cell: float) -> str:
    if cell.is_integer():
        return str(int(cell))
    return format(Decimal(repr(cell)), "f")


def _span(cell: Any) -> str:
    return str(cell) if isinstance(cell, timedelta | int) else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
