"""What stands on a person: tags, lists and segments, read in one query for her page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast

from contacts.lists.models import ContactTag, FixedList, Tag
from contacts.segments.models import Membership, Purpose
from contacts.segments.naming import said

OFFERED = 100  # tags that are offered beside those worn


class Label(NamedTuple):
    """A tag, a list, or a segment in which a person is `since` then (None for the others)."""

    pk: int
    name: str
    since: datetime | None


@dataclass(frozen=True)
class Labels:
    """The labels of one person, each sort by name, and tags she does not wear."""

    tags: Sequence[Label]
    other_tags: Sequence[Label]
    lists: Sequence[Label]
    segments: Sequence[Label]


def labels_of(contact_id: int) -> Labels:
    """Return what stands on a person."""
    wears = Exists(ContactTag.objects.filter(tag=OuterRef("pk"), contact=contact_id))
    stays = Membership.objects.filter(contact=contact_id, left_at=None, segment__purpose=Purpose.AUDIENCE)
    rows = _rows("worn", Tag.objects.filter(wears)).union(
        _rows("other", Tag.objects.exclude(wears).order_by("name"))[:OFFERED],
        _rows("list", FixedList.objects.filter(members__contact=contact_id)),
        _rows("segment", stays, number="segment_id", called="segment__name", since=F("entered_at")),
        all=True,
    )
    found: dict[str, list[Label]] = {"worn": [], "other": [], "list": [], "segment": []}
    for sort, number, name, since in rows.order_by("label_name"):
        found[sort].append(Label(number, said(name) if sort == "segment" else name, since))
    return Labels(found["worn"], found["other"], found["list"], found["segment"])


def _rows(
    sort: str, rows: QuerySet[Any], *, number: str = "pk", called: str = "name", since: F | None = None
) -> QuerySet[Any, Any]:
    """Return rows of a union: sort, number, name, since when."""
    at = since or Cast(Value(None), DateTimeField())
    named = rows.annotate(sort=Value(sort, CharField()), label_id=F(number), label_name=F(called), label_since=at)
    found: QuerySet[Any, Any] = named.values_list("sort", "label_id", "label_name", "label_since")
    return found
