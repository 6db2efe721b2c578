"""Statements that may take only so long, because somebody waits for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from contacts.errors import ContactsError


class TooSlow(ContactsError):
    """The answer took longer than it may while somebody waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            _("Counting takes longer than %(seconds)d seconds. Save the segment: it is counted in the background.")
            % {"seconds": seconds}
        )


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let the statements inside take so long each. Raises TooSlow."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '64MB'")
                cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow(seconds) from error
        raise
