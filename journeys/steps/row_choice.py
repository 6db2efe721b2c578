"""A choice of a row in a step's form (a template, a tag): asked once for a drawing, not once for each of its steps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

type _Key = tuple[object, str]
_known: ContextVar[dict[_Key, Model] | None] = ContextVar("rows that a drawing names", default=None)


class RowChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A ModelChoiceField that takes a row from what `remembered` has read, while that lasts."""

    default_error_messages = {"invalid_choice": _("What was chosen here is not there any more. Choose another.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.token = object()  # the same in every form of a class, whose fields are copies

    def to_python(self, value: Any) -> Any:
        """Return the row of the stored number. Raises ValidationError when it is no choice."""
        known = _known.get()
        found = known.get((self.token, str(value))) if known is not None else None
        return found if found is not None else super().to_python(value)


@contextmanager
def remembered(settings: Iterable[tuple[type[forms.Form], Any]]) -> Iterator[None]:
    """Read the rows that these settings name (form class, stored JSON) at once; forms in the block take them."""
    wanted: dict[RowChoice, set[int]] = defaultdict(set)
    for form, stored in settings:
        for name, field in form.base_fields.items():
            if isinstance(field, RowChoice) and (number := number_of(stored.get(name))) is not None:
                wanted[field].add(number)
    token = _known.set(
        {
            (field.token, str(number)): row
            for field, numbers in wanted.items()
            if field.queryset is not None
            for number, row in field.queryset.in_bulk(numbers).items()
        }
    )
    try:
        yield
    finally:
        _known.reset(token)


def number_of(value: Any) -> int | None:
    """Return a stored number as one that a row may have; None for anything else, which the field then refuses."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
