"""Asking for pages as somebody, and what one kind of request cost: seconds, queries, rows read in sequence."""

import re
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.harness import Bench, percentile, timed
from bench.page_cases import PERSON, Case, by_hand

WARM = 2
_NUMBERS = 400  # different addresses of a case
_READ_IN_SEQUENCE = """
SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables
WHERE relid = 'contacts_contact'::regclass
OR relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass)
"""


@dataclass
class Measured:
    """Seconds of each request, the most queries of one, and rows of people and events read in sequence by all."""

    case: Case
    role: str
    seconds: list[float] = field(default_factory=list)
    queries: int = 0
    in_sequence: int = 0

    @property
    def p95(self) -> float:
        """Return milliseconds."""
        return percentile(self.seconds, 0.95) * 1000

    def __str__(self) -> str:
        return (
            f"{self.case.group}, {self.case.name} ({self.role})"
            if self.case.name
            else f"{self.case.group} ({self.role})"
        )


class Reader:
    """Somebody logged in who asks for pages."""

    def __init__(self, email: str) -> None:
        from django.test import Client

        from crm.team.models import Role, User

        self.user = User.objects.get(email=email)
        self.role = str(self.user.role)
        self.sees_all = self.user.role != Role.SALES_REP
        self._client = Client(headers={"host": "localhost"})
        self._client.force_login(self.user)

    @property
    def visible(self) -> str:
        """Return by hand whose people they may see."""
        return "true" if self.sees_all else f"(c.owner_id = {self.user.pk} OR c.owner_id IS NULL)"

    def ask(self, bench: Bench, url: str) -> str:
        """Return the page."""
        answer = self._client.get(url)
        bench.check(answer.status_code == 200, f"{url} as {self.role}: {answer.status_code}")
        return answer.content.decode()

    def may_open(self, case: Case) -> bool:
        """Tell whether the page is one of this role's."""
        return not case.roles or self.role in case.roles


class Counter:
    """Counts queries, as a wrapper of the connection's."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Run the query."""
        self.queries += 1
        return execute(sql, params, many, context)


def measured(bench: Bench, database: psycopg.Connection, case: Case, readers: list[Reader]) -> Measured:
    """Ask WARM and `requests` times, the readers in turn; the first ones are not counted."""
    from django.db import connection

    found = Measured(case, "all" if readers[0].sees_all else "own")
    before, pages = read_in_sequence(database), list[str]()
    for n in range(-WARM, bench.size("requests")):
        reader, counter, url = readers[n % len(readers)], Counter(), case.url(n % _NUMBERS)
        with connection.execute_wrapper(counter):
            took = timed(lambda r=reader, url=url: pages.append(r.ask(bench, url)))
        bench.check(
            re.search(case.sign, pages.pop()) is not None, f"{url} as {reader.role}: no {case.sign} on the page"
        )
        found.queries = max(found.queries, counter.queries)
        if n >= 0:
            found.seconds.append(took)
    found.in_sequence = read_in_sequence(database) - before
    return found


def read_in_sequence(database: psycopg.Connection) -> int:
    """Return how many rows of people and events were read by sequential scans until now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    row = database.execute(_READ_IN_SEQUENCE).fetchone()
    assert row is not None
    return int(row[0])


def checked(bench: Bench, database: psycopg.Connection, case: Case, reader: Reader) -> None:
    """Compare the people of the second page asked for with those of SQL by hand."""
    if case.where is not None:
        wanted = by_hand(database, case.where, reader.visible, case.query(1))
        what = f"{case.group}, {case.name}, as {reader.role}"
        compare(bench, what, reader.ask(bench, case.url(1)), wanted)


def compare(bench: Bench, what: str, page: str, wanted: list[int]) -> None:
    """Stop unless the page shows exactly these people in this order."""
    shown = [int(number) for number in re.findall(PERSON, page)]
    bench.check(shown == wanted, f"{what}: {len(shown)} rows, by hand {len(wanted)}; {shown[:3]} for {wanted[:3]}")
