"""One kind of thing that may wait for a reader, and how many of each there are, in one question for all kinds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from contacts.scoring.models import ScoreModel
from crm.team.models import User
from crm.team.permissions import Action, may

MANY = 100  # more are not counted, only said to be many
type Part = tuple[str, Sequence[Any]]  # SQL with its parameters


@dataclass(frozen=True)
class Asked:
    """Who asks, when, and the score model that pages speak of."""

    user: User
    now: datetime
    model: ScoreModel


@dataclass(frozen=True)
class Need:
    """What is said of one kind of thing that waits for the reader."""

    text: str
    url: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Waiting:
    """One kind of thing that waits for whoever may do all of `actions`; `rows` are those that wait for the reader.

    `many` is a sentence with %(n)s (of ngettext_lazy by "count" where it serves one as well); of a single row `one` is
    said, with %(name)s from the column `named`, and its own page (`page`, by primary key) is opened.
    """

    actions: tuple[Action, ...]
    rows: Callable[[Asked], QuerySet[Any]]
    many: Any  # lazily translated, as is `one`
    url_name: str
    icon: str
    tone: str = ""
    query: dict[str, str] = field(default_factory=dict)
    one: Any = ""
    named: str = ""
    page: str = ""

    def part(self, asked: Asked, number: int) -> Part | None:
        """Return the question how many wait, at most MANY, as SQL; None when none can."""
        columns = ["pk", self.named] if self.named else ["pk"]
        rows = self.rows(asked).order_by().values(*columns)[:MANY]
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            return None
        name = "min(w.name)" if self.named else "''"
        alias = "w(id, name)" if self.named else "w(id)"
        return f"SELECT {number}, count(*), min(w.id)::text, {name} FROM ({sql}) {alias}", params  # noqa: S608 - written by the ORM

    def said(self, count: int, row: str, name: str) -> Need:
        """Return what is said of `count` rows; `row` and `name` are those of a single one."""
        single = count == 1
        shown = f"{MANY - 1}+" if count == MANY else str(count)
        text = self.one % {"name": name} if single and self.one else self.many % {"n": shown, "count": count}
        url = reverse(self.page, args=[row]) if single and self.page else reverse(self.url_name, query=self.query)
        return Need(text, url, self.icon, self.tone)


def needs_in(table: Sequence[Waiting], asked: Asked) -> list[Need]:
    """Return what of `table` waits for the reader, in its order, in one query."""
    open_to = [row for row in table if all(may(asked.user, action) for action in row.actions)]
    parts = [part for number, row in enumerate(open_to) if (part := row.part(asked, number)) is not None]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _params in parts), [p for _sql, params in parts for p in params])
        found = sorted(cursor.fetchall())
    return [open_to[number].said(count, row, name) for number, count, row, name in found if count]
