"""What statements over everybody may take: memory, and time where somebody waits for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from contacts.errors import ContactsError
from contacts.people.models import Contact


class TooSlow(ContactsError):
    """The answer took longer than it may while somebody waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            _("Counting takes longer than %(seconds)d seconds. Save the segment: it is counted in the background.")
            % {"seconds": seconds}
        )


def how_many() -> int:
    """Return how many contacts there are at most: numbers are given out in order, so it costs nothing to ask."""
    return int(Contact.objects.aggregate(last=Max("pk"))["last"] or 0)


def work_mem(least: int = 64) -> str:
    """Return a setting in which a table of everybody fits: `id not in (select …)` is quadratic where it does not.

    PostgreSQL reckons with 32 bytes a row, and gives twice the setting to tables that are asked by value.
    """
    return f"{max(least, how_many() * 16 >> 20)}MB"


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let the statements inside take so long each. Raises TooSlow."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL work_mem = '{work_mem()}'")
                cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow(seconds) from error
        raise
