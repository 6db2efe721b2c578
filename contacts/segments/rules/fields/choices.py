"""What can be chosen for a field: members of a set in the program, rows of a table, or texts that people have."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, TextChoices
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
    """Rows of a model, known by their number. `name` is the column that is searched, `label` says a row."""

    model: type[Model]
    name: str
    label: Callable[[Row], str] = str
    closed: bool = True

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""
        numbers = [value for value in values if isinstance(value, int)]
        return {row.pk: self.label(row) for row in self.model._base_manager.filter(pk__in=numbers)}

    def search(self, typed: str, user: User) -> list[Suggestion]:  # noqa: ARG002 - the names of rows are no secret
        """Return what fits, by name; not counted."""
        rows = self.model._base_manager.filter(**{f"{self.name}__icontains": typed}).order_by(self.name)[:MOST]
        return [Suggestion(row.pk, self.label(row)) for row in rows]


@dataclass(frozen=True)
class Used:
    """The texts that people have in a column of the contact: offered, not required."""

    column: str
    words: Callable[[str], str] = str
    closed: bool = False

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of `values`."""
        return {value: self.words(value) for value in values}

    def search(self, typed: str, user: User) -> list[Suggestion]:
        """Return the most frequent values that contain what was typed."""
        people = Contact.objects.visible_to(user).exclude(**{self.column: ""})
        if typed:
            people = people.filter(**{f"{self.column}__icontains": typed})
        counted = people.values_list(self.column).annotate(n=Count("pk")).order_by("-n", self.column)[:MOST]
        return [Suggestion(value, self.words(value), n) for value, n in counted]
