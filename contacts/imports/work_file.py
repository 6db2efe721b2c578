"""The file of an import while a worker has it in hand, and the pace at which its rows are written."""

from collections.abc import Callable
from datetime import datetime

from django.core.files import File

from contacts.imports.models import ImportJob
from contacts.imports.reader import Dialect, Reader
from crm.kit.pace import Pace

MERGE_ROWS = 300  # rows merged in the first transaction; the next ones are as wide as MERGE_SECONDS allow
FEWEST_MERGED, MOST_MERGED = 70, 1_000
MERGE_SECONDS = 0.03
FEWEST_RECORDS = 200  # rows of orders and the like: what each statement costs, however few, counts for more there

type Clock = Callable[[], datetime]


class WorkFile:
    """The job's file, opened when the first row is asked for, and the pace of merging its rows."""

    def __init__(self, job: ImportJob) -> None:
        self._job = job
        self.pace = Pace(
            MERGE_ROWS,
            least=FEWEST_RECORDS if job.has_records else FEWEST_MERGED,
            most=MOST_MERGED,
            seconds=MERGE_SECONDS,
        )
        self._file: File | None = None  # type: ignore[type-arg]
        self._reader: Reader | None = None

    def __enter__(self) -> "WorkFile":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()

    def records(self) -> Reader:
        """Return the reader behind the last staged row; it stays there between slices."""
        if self._reader is None:
            job = self._job
            self._file = job.file.storage.open(job.file.name or "", "rb")
            dialect = Dialect(job.encoding, job.delimiter, job.newline)
            self._reader = Reader(self._file.file or self._file, dialect, job.staged_offset, job.staged_line + 1)
        return self._reader
