"""The months of the ledger: made ahead by CREATE LIKE and ATTACH, which waits behind no reader. Months are UTC months.

Run by the follow process every hour and by `manage.py ledger partitions`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from contacts.ledger.errors import LedgerError

AHEAD = 3
PAST = "event_past"
_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'event'::regclass AND c.relname <> %s ORDER BY c.relname
"""


class NoPartitions(LedgerError):
    """Another session holds the ledger's tables; try again."""


@dataclass(frozen=True, order=True)
class Month:
    """One month of the ledger."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> "Month":
        """Return the month in which `at` lies."""
        utc = at.astimezone(UTC)
        return cls(utc.year, utc.month)

    @classmethod
    def of_table(cls, table: str) -> "Month":
        """Return the month of a partition's name."""
        _, year, number = table.split("_")
        return cls(int(year), int(number))

    @property
    def table(self) -> str:
        """The name of its partition."""
        return f"event_{self.year:04}_{self.number:02}"

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    def plus(self, months: int) -> "Month":
        """Return the month so many later."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)


def months() -> list[Month]:
    """Return the months that have a partition, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [PAST])
        return [Month.of_table(table) for (table,) in cursor.fetchall()]


def months_ahead(now: datetime) -> int:
    """Return how many months after the present one have a partition; below 1 the ledger will soon refuse events."""
    this, last = Month.of(now), months()[-1]
    return (last.year - this.year) * 12 + last.number - this.number


def make_ahead(now: datetime, ahead: int = AHEAD) -> list[str]:
    """Make the partitions up to `ahead` months after `now` and return the names of the new ones; a repeat is harmless.

    Raises django.db.OperationalError when a lock is not had within 2 s; nothing is left half done.
    """
    made = []
    month = months()[-1].plus(1)
    while month <= Month.of(now).plus(ahead):
        _make(month)
        made.append(month.table)
        month = month.plus(1)
    return made


def _make(month: Month) -> None:
    bounds = f"FROM ('{month.start.isoformat()}') TO ('{month.plus(1).start.isoformat()}')"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(
            f"CREATE TABLE {month.table} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
        )
        cursor.execute(f"ALTER TABLE event ATTACH PARTITION {month.table} FOR VALUES {bounds}")


class Hourly:
    """Makes the months ahead once an hour; the follow process ticks it four times a second."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def run(self, now: datetime) -> int:
        """Return how many partitions were made."""
        if self._next is not None and now < self._next:
            return 0
        self._next = now + timedelta(hours=1)
        return len(make_ahead(now))
