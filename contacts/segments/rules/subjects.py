"""What events are about, as rules ask for it: this product, this page. Apps above register theirs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.commerce.models import Product
from contacts.ledger.models import LedgerSubject
from contacts.lists.models import FixedList, Tag
from contacts.segments.errors import Wrong
from contacts.segments.rules.fields.choices import Rows
from contacts.segments.rules.fields.field import Choices, Label, Suggestion
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import either, quoted
from contacts.stages.models import Stage
from contacts.topics.models import Topic
from crm.kit.registry import Registry
from crm.team.models import User

MOST_KEYS = 100
_SHOWN = 20


def numbers_of(noun: str) -> Callable[[Sequence[str]], list[int]]:
    """Return a function that finds the numbers of subjects of this type in the ledger's dictionary."""

    def numbers(keys: Sequence[str]) -> list[int]:
        return list(LedgerSubject.objects.filter(type=noun, key__in=keys).order_by("pk").values_list("pk", flat=True))

    return numbers


@dataclass(frozen=True)
class Written:
    """Subjects that have no row of their own, such as pages: any text goes, those in the ledger are offered."""

    noun: str
    closed: bool = False

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the texts themselves."""
        return {value: str(value) for value in values}

    def search(self, typed: str, user: User) -> list[Suggestion]:  # noqa: ARG002 - names of pages are no secret
        """Return what is in the ledger and starts so."""
        found = LedgerSubject.objects.filter(type=self.noun, key__startswith=typed).order_by("key")
        return [Suggestion(key, key) for key in found.values_list("key", flat=True)[:_SHOWN]]


@dataclass(frozen=True)
class SubjectType:
    """One sort of subject.

    `kinds`: the event kinds that can be asked for it. `numbers` turns keys into numbers of subjects. Where an event
    names it otherwise than by its subject, `tests` has for the kind a function from keys to a condition over `e`.
    """

    key: str
    label: Label
    kinds: tuple[str, ...]
    choices: Choices = field(compare=False)
    numbers: Callable[[Sequence[str]], list[int]] = field(compare=False)
    tests: Mapping[str, Callable[[Sequence[str]], Sql]] = field(default_factory=dict, compare=False)


SUBJECT_TYPES: Registry[SubjectType] = Registry("subjects of rules", SubjectType, lambda one: one.key)


@dataclass(frozen=True)
class About:
    """Some subjects of one type, by their keys."""

    type: SubjectType
    keys: tuple[str, ...]

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal value."""
        return {"type": self.type.key, "keys": list(self.keys)}

    def numbers(self, kind: str) -> list[int] | None:
        """Return the numbers of the subjects; None where the kind names them otherwise."""
        return None if kind in self.type.tests else self.type.numbers(self.keys)

    def test(self, kind: str) -> Sql:
        """Return the condition over `e`, an event of this kind."""
        numbers = self.numbers(kind)
        if numbers is None:
            return self.type.tests[kind](self.keys)
        return (
            Sql("e.subject_id = %s", (numbers[0],)) if len(numbers) == 1 else Sql("e.subject_id = ANY(%s)", (numbers,))
        )

    def words(self) -> str:
        """Return the subjects in words: campaign “Spring” or “Summer”."""
        labels = _labels(self.type, self.keys)
        names = either([quoted(labels.get(key, key)) for key in self.keys])
        return _("%(type)s %(names)s") % {"type": self.type.label, "names": names}


def _labels(kind: SubjectType, keys: Collection[str]) -> dict[str, str]:
    """Return the words of those that exist; rows are known by number, others by text."""
    if isinstance(kind.choices, Rows):
        numbers = [int(key) for key in keys if key.isdecimal() and len(key) < 19]
        return {str(number): label for number, label in kind.choices.labels(numbers).items()}
    return dict(kind.choices.labels(keys))


def read_about(raw: Any, kind: str) -> About | None:
    """Return the subjects of stored JSON for an event kind; nothing means all. Raises Wrong."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or set(raw) != {"type", "keys"} or not isinstance(raw["type"], str):
        raise Wrong(_("“on” has a “type” and “keys”."))
    if raw["type"] not in SUBJECT_TYPES or kind not in SUBJECT_TYPES[raw["type"]].kinds:
        raise Wrong(_("This activity is never about “%(type)s”.") % {"type": raw["type"][:40]}, "type")
    return About(SUBJECT_TYPES[raw["type"]], _keys(raw["keys"], SUBJECT_TYPES[raw["type"]]))


def _keys(raw: Any, kind: SubjectType) -> tuple[str, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= MOST_KEYS:
        raise Wrong(_("Choose 1 to %(most)d of them.") % {"most": MOST_KEYS}, "keys")
    if not all(isinstance(key, str) and 0 < len(key) <= 2000 for key in raw):
        raise Wrong(_("A key is a text."), "keys")
    known = _labels(kind, raw)
    gone = [(place, key) for place, key in enumerate(raw) if key not in known]
    if gone and kind.choices.closed:
        place, key = gone[0]
        text = _("The %(type)s “%(key)s” was deleted.")
        raise Wrong(text % {"type": kind.label, "key": key[:40]}, "keys", place, gone=True)
    return tuple(dict.fromkeys(raw))


def _bought(keys: Sequence[str]) -> Sql:
    """Return the condition that an order has one of these products: it lists their keys, not their numbers."""
    numbers = [int(key) for key in keys]
    listed = list(Product.objects.filter(pk__in=numbers).order_by("key").values_list("key", flat=True))
    return Sql("jsonb_exists_any(e.properties -> 'products', %s::text[])", (listed,))


CONTACT_SUBJECTS = (
    SubjectType(
        "product",
        gettext_lazy("product"),
        ("product.viewed", "order.placed"),
        Rows(Product, "name"),
        numbers_of("product"),
        {"order.placed": _bought},
    ),
    SubjectType("page", gettext_lazy("page"), ("page.viewed",), Written("page"), numbers_of("page")),
    SubjectType("event", gettext_lazy("event"), ("event.tracked",), Written("event"), numbers_of("event")),
    SubjectType("form", gettext_lazy("form"), ("form.submitted",), Written("form"), numbers_of("form")),
    SubjectType(
        "list", gettext_lazy("list"), ("list.joined", "list.left"), Rows(FixedList, "name"), numbers_of("list")
    ),
    SubjectType("tag", gettext_lazy("tag"), ("tag.added", "tag.removed"), Rows(Tag, "name"), numbers_of("tag")),
    SubjectType(
        "topic", gettext_lazy("topic"), ("topic.wanted", "topic.refused"), Rows(Topic, "name"), numbers_of("topic")
    ),
    SubjectType("stage", gettext_lazy("stage"), ("stage.entered",), Rows(Stage, "name"), numbers_of("stage")),
)
