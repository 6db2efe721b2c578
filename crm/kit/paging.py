"""Keyset paging: a page costs the same however far one leafs. Used by every list."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _


class BadCursor(BadRequest, ValueError):
    """The cursor in the address was altered or belongs to another sort order. Unhandled, a page that says so."""

    def __init__(self) -> None:
        super().__init__(_("This page of the list does not exist."))


@dataclass(frozen=True)
class Page[T]:
    """One page of rows, with cursors to the pages around it (empty when there is none)."""

    rows: Sequence[T]
    next_cursor: str
    previous_cursor: str


def _encode(values: list[Any], *, back: bool) -> str:
    return base64.urlsafe_b64encode(json.dumps([back, *values], default=str).encode()).rstrip(b"=").decode()


def cursor_after(values: list[Any]) -> str:
    """Return the cursor of the page that begins after a row with these values, in their order."""
    return _encode(values, back=False)


def _decode(cursor: str, width: int) -> tuple[bool, list[Any]]:
    try:
        back, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise BadCursor from error
    if len(values) != width or not isinstance(back, bool) or any(isinstance(v, (list, dict)) for v in values):
        raise BadCursor
    return back, values


def place(cursor: str, order: Sequence[str]) -> tuple[bool, list[Any]]:
    """Return whether `cursor` leads backwards, and the values of `order` it stands at (none for the first page).

    Raises BadCursor.
    """
    return _decode(cursor, len(order)) if cursor else (False, [])


def _beyond(order: Sequence[str], values: list[Any], *, back: bool) -> Q:
    """Return the condition for rows after `values` in `order` (before, when `back`), as OR of prefixes.

    The bound on the first field says nothing new, but it is what an index can begin at: without it PostgreSQL reads
    the list from its start and leaves out what lies before (page 1,000 by name of 10^6 people: 50,000 rows, 60 ms).
    """
    condition = Q()
    for position, field in enumerate(order):
        downwards = field.startswith("-") != back
        equal = Q(**{name.lstrip("-"): value for name, value in zip(order[:position], values, strict=False)})
        condition |= equal & Q(**{f"{field.lstrip('-')}__{'lt' if downwards else 'gt'}": values[position]})
    first = order[0]
    bound = "lte" if first.startswith("-") != back else "gte"
    return Q(**{f"{first.lstrip('-')}__{bound}": values[0]}) & condition


def _value(row: Any, field: str) -> Any:
    for part in field.lstrip("-").split("__"):
        row = getattr(row, part)
    return row


def keyset_page[M: Model](rows: QuerySet[M], order: Sequence[str], *, cursor: str = "", size: int = 50) -> Page[M]:
    """Return one page of `rows` in `order` (field names, `-` for falling; the last must be unique, none may be null).

    `order` is trusted code, never text from a request. Raises BadCursor.
    """
    back, values = place(cursor, order)
    direction = (
        [field.removeprefix("-") if field.startswith("-") else f"-{field}" for field in order] if back else list(order)
    )
    if values:
        try:
            rows = rows.filter(_beyond(order, values, back=back))
            found = list(rows.order_by(*direction)[: size + 1])
        except (ValueError, TypeError) as error:
            raise BadCursor from error
    else:
        found = list(rows.order_by(*direction)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    edge = [[_value(row, field) for field in order] for row in (found[-1:] + found[:1])]
    has_next, has_previous = (bool(found), more) if back else (more, bool(values) and bool(found))
    return Page(
        rows=found,
        next_cursor=_encode(edge[0], back=False) if has_next else "",
        previous_cursor=_encode(edge[1], back=True) if has_previous else "",
    )
