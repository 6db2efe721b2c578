"""How far segments overlap: of the people of one, how many are in each of others too. Bars and a table."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contacts.everybody import at_most
from contacts.people.models import ContactQuerySet
from contacts.segments import counting, queries
from contacts.segments.models import Segment
from contacts.segments.rules.rule import Rule
from contacts.segments.views.showing import found
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader

MOST = 20


@dataclass(frozen=True)
class Shared:
    """Another segment, how many people are in both, and which share of the first that is (0..1)."""

    segment: Segment
    people: int
    share: float

    @property
    def width(self) -> str:
        """The bar of the share, 0 to 100."""
        return f"{100 * self.share:.1f}"


def with_rule(rule: Rule, chosen: Collection[str], user: User, now: datetime) -> dict[str, Any]:
    """Return `total` and `rows` for the people of a rule. Raises TooSlow."""
    with at_most(counting.SECONDS):
        return _compared(counting.people_matching(rule, user, now), chosen)


def _compared(people: ContactQuerySet, chosen: Collection[str]) -> dict[str, Any]:
    ids = [int(one) for one in chosen if one.isdecimal() and one.isascii() and len(one) < 19][:MOST]
    others = {segment.pk: segment for segment in Segment.objects.audiences().filter(pk__in=ids)}
    total = people.count()
    counts = queries.overlap(people, list(others)) if others else {}
    rows = [Shared(others[key], n, n / total if total else 0.0) for key, n in counts.items()]
    return {"total": total, "rows": sorted(rows, key=lambda row: (-row.people, row.segment.label))}


@allowed(Action.SEGMENT_VIEW)
@require_GET
def page(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Compare a segment's people with those of the segments chosen by ?with=."""
    segment, chosen = found(segment_id), request.GET.getlist("with")
    others = Segment.objects.audiences().exclude(pk=segment.pk).order_by("name").only("name")[:200]
    options = [{"pk": other.pk, "name": other.label, "is_chosen": str(other.pk) in chosen} for other in others]
    context: dict[str, Any] = {"segment": segment, "others": options}
    if chosen:
        context |= {"compared": segment} | _compared(queries.members_of(segment, reader(request)), chosen)
    return render(request, "contacts/segments/overlap.html", context)
