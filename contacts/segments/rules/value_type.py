"""The types of values that fields have; which operators apply follows from them."""

from enum import StrEnum


class Type(StrEnum):
    """How SQL gives the value (x), and what a user writes."""

    TEXT = "text"  # x: text, null when empty
    NUMBER = "number"  # x: a number
    MONEY = "money"  # x: a number in the company's currency
    BOOLEAN = "boolean"  # x: boolean
    CHOICE = "choice"  # x: text or number, one of a set; compared exactly
    ENTRIES = "entries"  # x: jsonb array of texts of one row
    MANY = "many"  # x: text or number, in any number of rows
    DATE = "date"  # x: date
    DATETIME = "datetime"  # x: timestamptz
    SCORE = "score"  # x: float8, compared with constants that rise with time
    GRADE = "grade"  # x: float8, in ranges that rise with time
