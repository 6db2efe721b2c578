"""The base: the fold of events whose month was dropped by retention. A replay and a rebuild start from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True)
class Base:
    """A part of the base. `scope` is an SQL condition on contact_id, the contact an event was recorded under."""

    scope: str

    @classmethod
    def of_range(cls, low: int, high: int) -> Self:
        """Return the part of the contacts from `low` to below `high`."""
        return cls(f"contact_id >= {int(low)} AND contact_id < {int(high)}")

    @classmethod
    def of_contacts(cls, contacts: Iterable[int]) -> Self:
        """Return the part of these contacts and of all that were merged into them."""
        ids = ",".join(str(int(contact)) for contact in contacts)
        return cls(
            "contact_id IN (WITH RECURSIVE family(id) AS ("  # noqa: S608 - numbers only
            f"SELECT unnest('{{{ids}}}'::bigint[]) UNION "
            "SELECT c.id FROM family f JOIN contacts_contact c ON c.merged_into_id = f.id) SELECT id FROM family)"
        )

    @property
    def rows(self) -> str:
        """Return SQL to read FROM: the columns of event_base, with the contact that the rows belong to today."""
        return (
            "(SELECT contact_root(contact_id) AS contact_id, kind_id, subject_id, n, total, first_at, last_at, "  # noqa: S608 - see scope
            "last_times"
            f" FROM event_base WHERE {self.scope} AND month IN (SELECT month FROM ledger_dropped))"
        )


@dataclass(frozen=True)
class Leaving:
    """Events that are about to be dropped with `month`: those in `table` of the contacts from `low` to below `high`."""

    table: str
    month: date
    low: int
    high: int


def is_empty(cursor: CursorWrapper) -> bool:
    """Tell whether no month was ever dropped."""
    cursor.execute("SELECT NOT EXISTS (SELECT FROM ledger_dropped)")
    return bool(cursor.fetchone()[0])
