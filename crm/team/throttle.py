"""Guesses at passwords are counted in the database, per address and per network. Called by log-in and reset."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

WINDOW = timedelta(minutes=15)
# One statement, so that two guesses at once are two guesses.
COUNT_ONE = """
INSERT INTO team_throttle AS t (key, since, tries) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN t.since <= %(cutoff)s THEN 1 ELSE t.tries + 1 END,
    since = CASE WHEN t.since <= %(cutoff)s THEN %(now)s ELSE t.since END
RETURNING tries, since
"""


@dataclass(frozen=True)
class Limit:
    """How many tries of one kind a key has within WINDOW."""

    kind: str
    tries: int


LOGIN_ADDRESS = Limit("login.address", 8)
LOGIN_NETWORK = Limit("login.network", 60)
CODE_USER = Limit("code.user", 6)
CODE_NETWORK = Limit("code.network", 60)
RESET_ADDRESS = Limit("reset.address", 3)
RESET_NETWORK = Limit("reset.network", 20)


class TooMany(Exception):
    """A limit was passed; `until` (UTC) is when the next try is heard."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many tries, closed until {until:%H:%M} UTC")
        self.until = until


def _key(limit: Limit, subject: str) -> str:
    return salted_hmac(f"throttle:{limit.kind}", subject.strip().lower(), algorithm="sha256").hexdigest()


def take(tries: Iterable[tuple[Limit, str]], now: datetime) -> None:
    """Count one try for each (limit, subject), before it is made. Raises TooMany when any is past its limit.

    Subjects (an e-mail address, a network) are kept as keyed hashes only, and for WINDOW only.
    """
    closed: list[datetime] = []
    with connection.cursor() as cursor:
        for limit, subject in tries:
            cursor.execute(COUNT_ONE, {"key": _key(limit, subject), "now": now, "cutoff": now - WINDOW})
            count, since = cursor.fetchone()
            if count > limit.tries:
                closed.append(since + WINDOW)
        cursor.execute("DELETE FROM team_throttle WHERE since <= %s", [now - WINDOW])
    if closed:
        raise TooMany(max(closed))


def forget(limit: Limit, subject: str) -> None:
    """Forget the tries of a subject, after it proved itself. A repeat is harmless."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM team_throttle WHERE key = %s", [_key(limit, subject)])
