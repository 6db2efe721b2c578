"""Reading the ledger back: timelines, single events, counts. Pages and the API read events only through this."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Subquery

from contacts.ledger.dictionary import Subject
from contacts.ledger.kinds import PastEvent, keys_where
from contacts.ledger.models import ContactState, Event, LedgerKind


def _told(rows: QuerySet[Event]) -> list[PastEvent]:
    return [
        PastEvent(
            id=row.pk,
            contact_id=row.contact_id,
            kind=row.kind.key,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            subject=(row.subject.type, row.subject.key) if row.subject else None,
            value=row.value,
            properties=row.properties,
            cause=row.cause,
            depth=row.depth,
        )
        for row in rows.select_related("kind", "subject")
    ]


def _numbers(keys: Iterable[str]) -> list[int]:
    """Return the numbers of kinds; one that never happened has none and is left out."""
    return list(LedgerKind.objects.filter(key__in=list(keys)).values_list("id", flat=True))


def number_of(kind: str) -> Subquery:
    """Return the number of a kind as one value of a statement, with which rows are found by their key.

    Where the kinds are joined instead, PostgreSQL reads the rows of all kinds and leaves the others out.
    """
    return Subquery(LedgerKind.objects.filter(key=kind).values("pk")[:1])


def timeline(
    contact_ids: Sequence[int],
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    kinds: Sequence[str] | None = None,
) -> list[PastEvent]:
    """Return what happened to these contacts, the newest first; `before` is (occurred_at, id) of the last one shown.

    `kinds`: only these; by default all that are meant for timelines. Callers pass ids they took from visible_to.
    """
    keys = keys_where(lambda kind: kind.timeline) if kinds is None else kinds
    numbers = LedgerKind.objects.filter(key__in=list(keys)).values("id")
    rows = Event.objects.filter(contact_id__in=list(contact_ids), kind_id__in=numbers)
    if before is not None:
        at, number = before
        rows = rows.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, id__lt=number)).filter(occurred_at__lte=at)
    return _told(rows.order_by("-occurred_at", "-id")[:limit])


def events_of(
    contact_id: int, kinds: Sequence[str], *, since: datetime | None = None, limit: int = 1000
) -> list[PastEvent]:
    """Return the events of one contact of these kinds, the oldest first, from `since` on."""
    rows = Event.objects.filter(contact_id=contact_id, kind_id__in=_numbers(kinds))
    if since is not None:
        rows = rows.filter(occurred_at__gte=since)
    return _told(rows.order_by("occurred_at", "id")[:limit])


def events_by_id(contact_ids: Iterable[int], ids: Iterable[int]) -> list[PastEvent]:
    """Return these events of these contacts: there is no index of events by their id alone."""
    people, wanted = list(contact_ids), list(ids)
    if not wanted:
        return []
    return _told(Event.objects.filter(contact_id__in=people, pk__in=wanted))


def events_about(subject: Subject, kinds: Sequence[str], *, limit: int = 1000) -> list[PastEvent]:
    """Return the newest events about a subject, such as all clicks of one dispatch."""
    rows = Event.objects.filter(kind_id__in=_numbers(kinds), subject__type=subject[0], subject__key=subject[1])
    return _told(rows.order_by("-occurred_at", "-id")[:limit])


def counts_by_kind(contact_ids: Sequence[int]) -> dict[str, int]:
    """Return how often each kind happened to these contacts, ever, from their state rows."""
    rows = ContactState.objects.filter(
        contact_id__in=list(contact_ids), kind_id__in=_numbers(keys_where(lambda _: True))
    )
    totals: dict[str, int] = {}
    for key, n in rows.values_list("kind__key", "n"):
        totals[key] = totals.get(key, 0) + n
    return totals


def recorded_by_kind(since: datetime, until: datetime) -> dict[str, int]:
    """Return how many events of each kind occurred from `since` to before `until`, over all people."""
    rows = Event.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    return dict(rows.values_list("kind__key").annotate(n=Count("id")).order_by())
