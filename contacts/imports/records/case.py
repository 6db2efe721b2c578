"""One record of a file on its way: its rows, what becomes of it, or why it is refused."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contacts.imports.refusal import Refusal

type Row = dict[str, Any]


class Outcome(StrEnum):
    """What the import does to a record."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "unchanged"


class Refused(Exception):
    """These rows cannot be written: a code of contacts/imports/reasons.py, and a value."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


@dataclass
class Case:
    """The rows of one record, first line first. `outcome` is None while it is refused or not judged."""

    key: str
    rows: list[Row]
    outcome: Outcome | None = None
    refused: Refused | None = None
    passed_over: list[Row] = field(default_factory=list)  # later rows about the same, which say nothing
    news: dict[str, list[Any]] = field(default_factory=dict)  # [before, after] by column, of what is there

    @property
    def first(self) -> Row:
        """Return the row that begins it."""
        return self.rows[0]

    def refusals(self) -> list[Refusal]:
        """Return its rows as refused ones."""
        again = [_refusal(row, Refused("same_company", str(self.first["line"]))) for row in self.passed_over]
        return [_refusal(row, self.refused) for row in self.rows if self.refused] + again


@dataclass
class Trace:
    """What writing a range did, for undo; JSON as an ImportRange keeps it."""

    orders: list[list[Any]] = field(default_factory=list)  # [id, status, given back] of each order made
    products: list[int] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)  # [table, id, {column: [before, after]}]
    people: list[int] = field(default_factory=list)
    keys: list[list[Any]] = field(default_factory=list)  # [contact, key] of activity of the people made


def _refusal(row: Row, why: Refused) -> Refusal:
    text = ", ".join(str(value) for name, value in row.items() if name != "line")
    return (row["line"], True, why.code, "", why.value[:120], text[:2_000])
