"""What can be chosen for a field: members of a set in the program, rows of a table, or texts that people have."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, QuerySet, TextChoices
from django.utils.functional import Promise

from contacts.people.models import Contact
from contacts.segments.rules.fields.field import Suggestion
from crm.team.models import User

MOST = 20
type Row = Any


@dataclass(frozen=True)
class Named:
    """A closed set of values with their words, in order."""

    words: Mapping[str, str | Promise]
    closed: bool = True

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""
        return {value: str(self.words[value]) for value in values if value in self.words}

    def search(self, typed: str, user: User) -> list[Suggestion]:  # noqa: ARG002 - nobody's data
        """Return what fits; not counted."""
        folded = typed.casefold()
        found = [(value, str(word)) for value, word in self.words.items()]
        return [Suggestion(value, word) for value, word in found if folded in f"{value} {word}".casefold()][:MOST]


def members(choices: type[TextChoices]) -> Named:
    """Return the members of an enumeration as choices."""
    return Named({str(value): label for value, label in choices.choices})


@dataclass(frozen=True)
class Rows:
    """Rows of a model, known by their number. `name` is the column that is searched, `label` says a row.

    `only` are (column, value) pairs that rows have to have.
    """

    model: type[Model]
    name: str
    label: Callable[[Row], str] = str
    closed: bool = True
    only: tuple[tuple[str, Any], ...] = ()

    def _rows(self) -> QuerySet[Any]:
        return self.model._base_manager.filter(**dict(self.only))

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""
        numbers = [value for value in values if isinstance(value, int)]
        return {row.pk: self.label(row) for row in self._rows().filter(pk__in=numbers)}

    def search(self, typed: str, user: User) -> list[Suggestion]:  # noqa: ARG002 - the names of rows are no secret
        """Return what fits, by name; not counted."""
        rows = self._rows().filter(**{f"{self.name}__icontains": typed}).order_by(self.name)[:MOST]
        return [Suggestion(row.pk, self.label(row)) for row in rows]


@dataclass(frozen=True)
class Keyed:
    """Rows of a small model with a `key`, by which people know them, and a `label`."""

    model: type[Model]
    closed: bool = True

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""
        wanted = [value for value in values if isinstance(value, str)]
        return {row.key: str(row) for row in self.model._base_manager.filter(key__in=wanted)}  # type: ignore[attr-defined]

    def search(self, typed: str, user: User) -> list[Suggestion]:
        """Return what fits, in the order of the rows; not counted."""
        rows: Any = self.model._base_manager.all()
        return Named({row.key: str(row) for row in rows.order_by("position")}).search(typed, user)


@dataclass(frozen=True)
class Used:
    """The texts that stand in a column, of people unless another model is named: offered, not required."""

    column: str
    model: type[Model] = Contact
    words: Callable[[str], str] = str
    closed: bool = False

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of `values`."""
        return {value: self.words(value) for value in values}

    def search(self, typed: str, user: User) -> list[Suggestion]:
        """Return the most frequent values that contain what was typed."""
        rows = Contact.objects.visible_to(user) if self.model is Contact else self.model._base_manager.all()
        rows = rows.exclude(**{self.column: ""})
        counted = rows.values_list(self.column).annotate(n=Count("pk")).order_by("-n", self.column)
        if self.words is not str:  # few values, searched by the words that are shown
            return self._worded(typed, counted)[:MOST]
        if typed:
            counted = counted.filter(**{f"{self.column}__icontains": typed})
        return [Suggestion(value, self.words(value), n) for value, n in counted[:MOST]]

    def _worded(self, typed: str, counted: Iterable[tuple[str, int]]) -> list[Suggestion]:
        found = [Suggestion(value, self.words(value), n) for value, n in counted]
        return [one for one in found if typed.casefold() in f"{one.value} {one.label}".casefold()]
