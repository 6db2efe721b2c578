"""The filter `segment` of the people list: who is in one now, was on a day, entered or left on a day.

`segment=5`, `segment=5:on:2026-11-20`, `segment=5:entered:2026-11-20`, `segment=5:left:2026-11-20`. `also` is the same
beside it: `segment=5&also=6` are the people of both.
"""

from collections.abc import Callable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.ledger.kinds import PastEvent
from contacts.people.filters import FILTERS, Asked, Filter
from contacts.people.opening import OPENERS, Opener
from contacts.segments import history
from contacts.segments.models import Segment
from contacts.segments.uses import page_of
from crm.kit import figures

_WHEN: dict[str, Callable[[int, date], Q]] = {
    "on": history.inside_on,
    "entered": history.entered_on,
    "left": history.left_on,
}


def _read(value: str) -> tuple[int, str, date | None]:
    number, _colon, rest = value.partition(":")
    when, _colon, day = rest.partition(":")
    segment_id = int(number)
    if not 0 < segment_id < 2**63 or (rest and when not in _WHEN):
        raise ValueError(value)
    return segment_id, when, date.fromisoformat(day) if rest else None


def _segment(value: str, asked: Asked) -> Q:
    pair = _pair(asked)
    return history.inside_both(*pair) if pair else _condition(value)


def _also(value: str, asked: Asked) -> Q:
    return Q() if _pair(asked) else _condition(value)  # the other filter has both


def _pair(asked: Asked) -> tuple[int, int] | None:
    """Return the two segments when it is asked who is in both now."""
    values = [[value for value in asked.query.getlist(key) if value] for key in ("segment", "also")]
    if [len(own) for own in values] != [1, 1] or not all(own[0].isascii() and own[0].isdecimal() for own in values):
        return None
    one, other = (_read(own[0])[0] for own in values)
    return one, other


def _condition(value: str) -> Q:
    segment_id, when, day = _read(value)
    if day is None:
        return history.inside(segment_id)
    if not 1 < day.year < 9999:
        raise ValueError(value)
    return _WHEN[when](segment_id, day)


def _words(value: str) -> str:
    try:
        segment_id, when, day = _read(value)
    except ValueError:
        return value
    name = Segment.objects.filter(pk=segment_id).values_list("name", flat=True).first() or _("deleted")
    if day is None:
        return name
    patterns = {
        "on": _("%(name)s, on %(day)s"),
        "entered": _("%(name)s, entered on %(day)s"),
        "left": _("%(name)s, left on %(day)s"),
    }
    return patterns[when] % {"name": name, "day": figures.calendar_day(day)}


def _page(event: PastEvent) -> str:
    key = event.subject[1] if event.subject else ""
    return page_of("contacts:segment", int(key)) if key.isascii() and key.isdecimal() else ""


SEGMENT_FILTER = Filter("segment", gettext_lazy("Segment"), _segment, _words)
# Several values of one filter mean any of them; this one is for the people of two segments.
ALSO_FILTER = Filter("also", gettext_lazy("Also in the segment"), _also, _words)
SEGMENT_OPENER = Opener("segment", _page)


def register() -> None:
    """Enter the filter, and the page that events about segments open; harmless to repeat."""
    FILTERS.register(SEGMENT_FILTER, ALSO_FILTER)
    OPENERS.register(SEGMENT_OPENER)
