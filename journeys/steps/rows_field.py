"""Several rows of settings in one field: the ways of a branch, the parts of a split. Each row is a small form.

Stored as a list of JSON objects with a key each. In the panel the rows are inputs "name-0-label"; the buttons
"name-add" and "name-drop" (its value is the row) change their number, so it works wherever a form can be posted.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST = 20
_KEY = "key"
type Row = dict[str, Any]


class RowForm(forms.Form):
    """One row; subclasses add the columns. `key` names the row's outlet and stays with it."""

    key = forms.RegexField(r"[a-z][a-z0-9_]{0,19}\Z", widget=forms.HiddenInput, required=False)


class RowsInput(forms.Widget):
    """Draws the rows; what it returns is a list of raw rows."""

    template_name = "journeys/fields/rows.html"

    def __init__(self, row: type[RowForm], least: int) -> None:
        super().__init__()
        self._row = row
        self._least = least

    def value_from_datadict(self, data: Mapping[str, Any], _files: Any, name: str) -> Any:
        """Return the stored list, or the rows that were posted, with one more or less where a button asks."""
        if name in data:
            return data[name]
        rows = [self._posted(data, f"{name}-{place}") for place in range(MOST + 1) if self._has(data, name, place)]
        dropped = data.get(f"{name}-drop")
        if isinstance(dropped, str) and dropped.isdecimal() and int(dropped) < len(rows):
            del rows[int(dropped)]
        return [*rows, {}] if f"{name}-add" in data else rows

    def _has(self, data: Mapping[str, Any], name: str, place: int) -> bool:
        return any(key.startswith(f"{name}-{place}-") for key in data)

    def _posted(self, data: Mapping[str, Any], prefix: str) -> Row:
        form = self._row(data, prefix=prefix)
        return {
            name: field.widget.value_from_datadict(data, {}, form.add_prefix(name))
            for name, field in form.fields.items()
        }

    def value_omitted_from_data(self, data: Any, _files: Any, name: str) -> bool:
        """Tell whether nothing of it was posted."""
        return not any(key == name or key.startswith(f"{name}-") for key in data)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the template's context, with a form for each row."""
        rows = _rows_of(value) or [{}] * self._least
        forms_ = [self._row(initial=row, prefix=f"{name}-{place}") for place, row in enumerate(rows)]
        shared = super().get_context(name, None, attrs)
        return shared | {"rows": forms_, "name": name, "may_drop": len(rows) > self._least, "may_add": len(rows) < MOST}


def _rows_of(value: Any) -> list[Row]:
    """Return the raw rows of a stored, posted or typed value; what is none of these is no rows."""
    try:
        listed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return []
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list | tuple) else []


class RowsField(forms.Field):
    """A list of rows; cleaned to a list of the rows' cleaned data, each with a key of its own."""

    def __init__(self, row: type[RowForm], *, prefix: str, least: int = 1, **options: Any) -> None:
        super().__init__(widget=RowsInput(row, least), **options)
        self._row = row
        self._prefix = prefix
        self._least = least

    def to_python(self, value: Any) -> list[Row]:
        """Return the cleaned rows. Raises ValidationError that names the row."""
        raw = _rows_of(value)
        if len(raw) < self._least or len(raw) > MOST:
            text = _("Fill in %(least)d to %(most)d of these.")
            raise ValidationError(text % {"least": self._least, "most": MOST})
        found, errors = [], []
        for place, row in enumerate(_keyed(raw, self._prefix), start=1):
            form = self._row(row)
            errors += [_("%(place)d. %(error)s") % {"place": place, "error": text} for text in _errors(form)]
            found.append(form.cleaned_data)
        if errors:
            raise ValidationError(errors)
        return found


def _errors(form: RowForm) -> list[str]:
    return [
        f"{form.fields[name].label}: {text}" if name in form.fields and form.fields[name].label else text
        for name, listed in form.errors.items()
        for text in map(str, listed)
    ]


def _keyed(rows: list[Row], prefix: str) -> list[Row]:
    """Give each row without a key, or with that of a row before it, the next number."""
    taken: set[str] = set()
    numbers = [str(row.get(_KEY) or "").removeprefix(prefix) for row in rows]
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    keyed = []
    for row in rows:
        key = str(row.get(_KEY) or "")
        if not key or key in taken:
            last += 1
            key = f"{prefix}{last}"
        taken.add(key)
        keyed.append(row | {_KEY: key})
    return keyed
