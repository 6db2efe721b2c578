"""Where a segment is used. Apps above register theirs from an explicit list (campaigns that are not sent yet)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.errors import ContactsError
from contacts.segments.models import Segment
from crm.kit.registry import Registry


@dataclass(frozen=True)
class UsedBy:
    """One place: what sort of thing, its name, and its page ("" when it has none)."""

    sort: str
    name: str
    url: str

    def __str__(self) -> str:
        return _("%(sort)s “%(name)s”") % {"sort": self.sort, "name": self.name}


@dataclass(frozen=True)
class Use:
    """A sort of things that use segments.

    `of` returns (name, url) of those that use one, by its id; `used` the ids of many segments, each once for
    every place that uses it.
    """

    key: str
    label: Any  # lazily translated
    of: Callable[[int], Sequence[tuple[str, str]]]
    used: Callable[[Collection[int]], Iterable[int]]


USES: Registry[Use] = Registry("uses of segments", Use, lambda use: use.key)


class InUse(ContactsError):
    """A segment cannot be deleted while others use it; `places` says which."""

    def __init__(self, places: Sequence[UsedBy]) -> None:
        names = ", ".join(str(place) for place in places)
        super().__init__(_("This segment is still used by: %(places)s. Take it out there first.") % {"places": names})
        self.places = tuple(places)


def of(segment_id: int) -> list[UsedBy]:
    """Return every place that uses the segment."""
    return [UsedBy(str(use.label), name, url) for use in USES for name, url in use.of(segment_id)]


def counts(segment_ids: Collection[int]) -> dict[int, int]:
    """Return for each of the segments in how many places it is used; one query a sort of things."""
    places = Counter(segment_id for use in USES for segment_id in use.used(segment_ids))
    return {segment_id: places[segment_id] for segment_id in segment_ids}


def page_of(url_name: str, *row_id: int) -> str:
    """Return the address of a row's page, or of a page without a row; "" where the site has none."""
    try:
        return reverse(url_name, args=row_id)
    except NoReverseMatch:
        return ""


def _by_segments(segment_id: int) -> list[tuple[str, str]]:
    readers = Segment.objects.audiences().filter(reads__contains=[segment_id]).order_by("name")
    return [(reader.label, page_of("contacts:segment", reader.pk)) for reader in readers]


def _read(segment_ids: Collection[int]) -> list[int]:
    rows = Segment.objects.audiences().filter(reads__overlap=list(segment_ids)).values_list("reads", flat=True)
    return [read for reads in rows for read in reads]


USES.register(Use("segment", gettext_lazy("Segment"), _by_segments, _read))
