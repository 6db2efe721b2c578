"""What can go wrong with an import. Raised by its modules, shown by its pages; messages are translated."""


class ImportProblem(Exception):
    """The user must act; `args[0]` says what, in the reader's language. Nothing was changed."""


class BadFile(ImportProblem):
    """The file as a whole cannot be read as a table of people."""


class BadPlan(ImportProblem):
    """The choices for an import do not fit together or to the file."""


class BadCell(ValueError):
    """One cell cannot be read; `args[0]` is a code of contacts/imports/reasons.py."""
