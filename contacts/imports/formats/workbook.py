"""Excel workbooks (.xlsx) as CSV. Bombs are refused before a parser sees them; the parser is a child with limits.

A workbook's reader holds a whole sheet in memory, and makes room for every cell between the first and the last: one
cell in the last corner would take 17 thousand million. Hence a process of its own, with a limit that the system keeps.
"""

import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports.errors import BadFile
from contacts.imports.formats.reading import UNREADABLE

MOST_ENTRIES = 2_000
MOST_BYTES = 400 * 1024 * 1024  # unpacked, counted while it is unpacked
MOST_RATIO = 200  # unpacked to packed; a sheet of empty cells has some 60
_SMALL = 16 * 1024 * 1024  # below this a high ratio harms nobody
_BLOCK = 256 * 1024
_SECONDS = 180
_MOST_SHEETS = 200
_READER = Path(__file__).with_name("reading.py")


def is_zip(head: bytes) -> bool:
    """Tell whether a file begins as a ZIP archive does."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_bombs(file: IO[bytes]) -> None:
    """Unpack the archive into nothing, counting. Raises BadFile for what is no workbook, or would fill the memory."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if "xl/workbook.xml" not in {entry.filename for entry in entries}:
                raise BadFile(_no_workbook({entry.filename for entry in entries}))
            if len(entries) > MOST_ENTRIES:
                raise BadFile(_too_large())
            _count(archive, entries)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadFile(_damaged()) from error


def _count(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = 0, sum(entry.compress_size for entry in entries)
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadFile(_damaged())
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                unpacked += len(block)
                if unpacked > MOST_BYTES or (unpacked > _SMALL and unpacked > MOST_RATIO * packed):
                    raise BadFile(_too_large())


def sheet_names(path: str) -> list[str]:
    """Return the names of the workbook's sheets, in its order. Raises BadFile."""
    names = json.loads(_child("names", path))
    if not names:
        raise BadFile(_("The workbook has no sheet with cells."))
    return [str(name) for name in names[:_MOST_SHEETS]]


def write_csv(path: str, sheet: str, out: str) -> None:
    """Write one sheet as CSV in UTF-8; the line of a row is its number in the sheet. Raises BadFile."""
    _child("rows", path, sheet, out)


def _child(*arguments: str) -> str:
    try:
        ended = subprocess.run(
            [sys.executable, "-I", str(_READER), *arguments], capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadFile(_too_large()) from error
    if ended.returncode == UNREADABLE:
        raise BadFile(_damaged())
    if ended.returncode:
        raise BadFile(_too_large())
    return ended.stdout.decode()


def _no_workbook(names: set[str]) -> str:
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return _("This workbook is in another format than .xlsx. Save it as “Excel workbook (.xlsx)” and upload that.")
    return _("This is a ZIP archive. Unpack it and upload the CSV or Excel file inside.")


def _too_large() -> str:
    return _("Unpacked, this workbook is too large to be read. Save the sheet as “CSV UTF-8” and upload that file.")


def _damaged() -> str:
    return _("This workbook is damaged or has a password. Open it in Excel, save it anew and upload that file.")
