"""A form that is posted twice makes one thing. Used by every form that creates something."""

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

_CLAIM = (
    "INSERT INTO contacts_postedform (token, result, at) VALUES (%s, 0, now()) ON CONFLICT DO NOTHING RETURNING token"
)


@transaction.atomic
def once(token: UUID, make: Callable[[], int]) -> tuple[int, bool]:
    """Run `make` unless a form with this token was posted before; return (id of what was made, made now).

    A second post at the same moment waits for the first. When `make` raises, the token stays free.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [token])
        if cursor.fetchone() is None:
            cursor.execute("SELECT result FROM contacts_postedform WHERE token = %s", [token])
            return int(cursor.fetchone()[0]), False
        made = make()
        cursor.execute("UPDATE contacts_postedform SET result = %s WHERE token = %s", [made, token])
    return made, True


def made_by(token: UUID) -> int:
    """Return the id of what the form with this token made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT result FROM contacts_postedform WHERE token = %s", [token])
        return int(cursor.fetchone()[0])
