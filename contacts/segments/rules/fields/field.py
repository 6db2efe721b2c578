"""A field: something known of a person that rules can ask for. The catalogue is FIELDS; apps above register theirs."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from enum import StrEnum
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.fields.sources import Source
from contacts.segments.rules.value_type import Type
from crm.kit.registry import RegistrationError, Registry
from crm.team.models import User

type Label = str | Promise


class FieldGroup(StrEnum):
    """Under which heading the builder shows a field."""

    PROFILE = "profile"
    ATTRIBUTES = "attributes"
    COMPANY = "company"
    STAGE = "stage"
    SCORE = "score"
    SOURCE = "source"
    CONSENT = "consent"
    LISTS = "lists"
    ORDERS = "orders"
    MAIL = "mail"

    @property
    def label(self) -> Promise:
        """The heading."""
        return _LABELS[self]


_LABELS = {
    FieldGroup.PROFILE: _("Profile"),
    FieldGroup.ATTRIBUTES: _("Attributes"),
    FieldGroup.COMPANY: _("Account"),
    FieldGroup.STAGE: _("Stage"),
    FieldGroup.SCORE: _("Score"),
    FieldGroup.SOURCE: _("Source"),
    FieldGroup.CONSENT: _("Consent"),
    FieldGroup.LISTS: _("Lists and tags"),
    FieldGroup.ORDERS: _("Orders"),
    FieldGroup.MAIL: _("Mail"),
}


@dataclass(frozen=True)
class Suggestion:
    """A value to choose: as it is stored in a rule, in words, and how many people have it (None: not counted)."""

    value: Any
    label: str
    count: int | None = None


class Choices(Protocol):
    """What values a field can take, where they are not free text."""

    @property
    def closed(self) -> bool:
        """Tell whether nothing else may be asked for."""

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""

    def search(self, typed: str, user: User) -> list[Suggestion]:
        """Return at most 20 values that fit what was typed, counted among the people whom `user` may see."""


@dataclass(frozen=True)
class Field:
    """One field.

    `kinds` are the event kinds after which its value may differ (creation and merges are always looked at).
    """

    key: str
    label: Label = part(compare=False)
    group: FieldGroup
    type: Type
    source: Source = part(compare=False)
    kinds: tuple[str, ...] | Callable[[], list[str]] = ()
    choices: Choices | None = part(default=None, compare=False)
    operators: tuple[str, ...] = ()  # only these of the type's, where not all make sense
    reads_segments: bool = False
    of_account: bool = False  # what happens to a person may change it for everybody of her account
    written: Callable[[str], str] | None = part(default=None, compare=False)  # how a whole text is written when saved
    slow: Label = ""  # why a test over everybody takes long, if it does

    def __post_init__(self) -> None:
        if self.type in (Type.CHOICE, Type.MANY, Type.GRADE) and self.choices is None:
            raise RegistrationError(f'field "{self.key}": type {self.type} needs choices')


FIELDS: Registry[Field] = Registry("fields of rules", Field, lambda field: field.key)
