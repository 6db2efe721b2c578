"""What can be taken out as a file: the table of kinds. Apps above enter theirs with EXPORTS.register."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action

type Cell = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True)
class Asked:
    """Who asks, for what: the query string of the list, or ticked rows."""

    user: User
    query: QueryDict
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ExportColumn:
    """One column of a file; `cell` reads it from a row of its kind."""

    label: Any  # lazily translated
    cell: Callable[[Any], Cell]


@dataclass(frozen=True)
class ExportKind:
    """One kind of file. `rows` and `count` raise ContactsError for a query string that cannot be understood.

    `columns` are all there are, by key, in the reader's language; `usual` those ticked at first. `action` is asked
    for besides the right to export; nobody's row gets out whom the user may not see.
    """

    key: str
    label: Any
    file_name: Any  # with %(day)s, without an ending
    action: Action
    columns: Callable[[], Mapping[str, ExportColumn]]
    usual: Callable[[QueryDict], Sequence[str]]
    count: Callable[[Asked], int]
    rows: Callable[[Asked], Iterator[Any]]
    url_name: str


EXPORTS: Registry[ExportKind] = Registry("kinds of exports", ExportKind, lambda kind: kind.key)
