"""What the trail's pages read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.kit.paging import Page, keyset_page
from crm.team.models import TrailEntry, User

CSV_MOST = 100_000


@dataclass(frozen=True)
class Wanted:
    """The filters of the trail's page; empty ones filter nothing. Days are the reader's."""

    by: int | None = None
    kind: str = ""
    verb: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    object_id: int | None = None

    def condition(self) -> Q:
        """Return the filters as one condition."""
        given: list[tuple[str, object]] = [
            ("by", self.by),
            ("kind", self.kind),
            ("verb", self.verb),
            ("object_id", self.object_id),
            ("at__gte", _midnight(self.since)),
            ("at__lt", _midnight(self.until, 1)),
            ("label__icontains", self.text),
        ]
        return Q(*((name, value) for name, value in given if value not in (None, "")))


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min)) if day else None


def _entries() -> QuerySet[TrailEntry]:
    return TrailEntry.objects.select_related("by")


def page(wanted: Wanted, cursor: str) -> Page[TrailEntry]:
    """Return one page of entries, the newest first. Raises BadCursor."""
    return keyset_page(_entries().filter(wanted.condition()), ("-id",), cursor=cursor)


def of_object(kind: str, object_id: int | None, cursor: str = "", size: int = 20) -> Page[TrailEntry]:
    """Return one page of what happened to one object (None: to all of its kind), the newest first."""
    rows = _entries().filter(kind=kind)
    rows = rows.filter(object_id=object_id) if object_id is not None else rows
    return keyset_page(rows, ("-id",), cursor=cursor, size=size)


def every(wanted: Wanted) -> Iterator[TrailEntry]:
    """Yield the newest CSV_MOST entries, read in pieces."""
    rows = _entries().filter(wanted.condition()).order_by("-id")[:CSV_MOST]
    yield from rows.iterator(chunk_size=1000)


def actors() -> list[User]:
    """Return the users by name."""
    return list(User.objects.order_by("name", "pk"))
