"""A refused row, or a left-out cell of one, on its way to the table of refusals."""

import re

from contacts.imports.fields import without_resident_numbers
from contacts.imports.reader import Record

LONGEST_ROW = 2_000  # characters of a refused row that are kept

type Refusal = tuple[int, bool, str, str, str, str]  # line, whole_row, code, column, value, row


def refusal(record: Record, whole_row: bool, code: str, column: str, value: str) -> Refusal:
    """Return what is kept of it: bounded, storable, without resident numbers."""
    row = without_resident_numbers(", ".join(record.cells)[:LONGEST_ROW])
    shown = without_resident_numbers(value)[:120]
    return (record.line, whole_row, code, column[:80], storable(shown), storable(row))


def storable(text: str) -> str:
    """Return the text without what PostgreSQL cannot keep."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
