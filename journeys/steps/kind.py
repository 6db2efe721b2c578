"""What a step kind is: a key, a label, a form, named outlets, and what it does to a set of people.

A kind never reads the clock and never moves anybody: it answers for each row of the batch by which outlet it leaves,
or until when it stays; the engine alone moves. Time comes from the row (`b.at`), so that the same kind can be rehearsed
on the past. Add one: docs/recipes.md, "add a step kind".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose
from crm.kit.registry import Registry
from journeys.engine.batch import Batch
from journeys.errors import Problem
from journeys.graph.graph import Graph, Settings, Step


class Shelf(StrEnum):
    """Where a kind lies in the palette."""

    MESSAGE = "message"
    TIME = "time"
    WAY = "way"
    PERSON = "person"
    TEAM = "team"
    OTHER = "other"


@dataclass(frozen=True)
class Outlet:
    """One way out of a step; `label` is translated.

    Where it has no link the journey ends: `needed` makes that an error. The editor warns of it where a step has several
    ways out, unless the outlet is `quiet` (people then simply go on by the usual way, or are meant to end).
    """

    key: str
    label: Any
    needed: bool = False
    quiet: bool = False


NEXT = Outlet("next", _("then"))
type Cleaned = Mapping[str, Any]  # the form's cleaned_data


class StepForm(forms.Form):
    """The settings of a step: validates the stored JSON and draws the panel.

    Stored settings are what `stored()` returns: JSON values by field name, with which a new form is valid again. A new
    step begins with the fields' `initial`. Rules of segments are a RuleField. A CharField that names another step has
    the widget attribute data-steps ("" for any step, or the key of the one kind that may be chosen): the panel makes it
    a choice among the steps of the drawing. `shown_when` hides fields in the panel until another field has one of
    some values: {"date": ("until", ("date",))}; `asked` names those of them that `clean` then wants, so that the panel
    does not call them optional. `intro` is said above the fields.
    """

    shown_when: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {}
    asked: ClassVar[frozenset[str]] = frozenset()
    intro: ClassVar[Any] = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.asked:
            self.fields[name].widget.is_asked = True

    def stored(self) -> dict[str, Any]:
        """Return the cleaned values as JSON. Override `json_of` for values that are no JSON."""
        return {name: self.json_of(name, value) for name, value in self.cleaned_data.items()}

    def json_of(self, _name: str, value: Any) -> Any:
        """Return one cleaned value as JSON: rows by their id, times in ISO 8601."""
        return as_json(value)


def as_json(value: Any) -> Any:
    """Return a cleaned value as JSON: rows by their id, times in ISO 8601, rules as their definition."""
    if hasattr(value, "pk"):
        return value.pk
    if hasattr(value, "stored"):
        return value.stored()
    if isinstance(value, Mapping):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | QuerySet):
        return [as_json(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


class Kind:
    """What step kinds and trigger kinds have in common: a form, what it says in words, and what it reads."""

    key: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str]
    form: ClassVar[type[StepForm]] = StepForm

    def read(self, settings: Settings) -> StepForm:
        """Return the form bound to stored settings; ask `is_valid()`."""
        return self.form(dict(settings))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words for its card, in the active language."""
        del cleaned
        return str(self.label)

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the event kinds it reads: they wake people who wait at a step, and bring people in by a trigger."""
        del cleaned
        return frozenset()

    def segments(self, cleaned: Cleaned) -> frozenset[int]:
        """Return the ids of the segments that it reads."""
        del cleaned
        return frozenset()


class StepKind(Kind):
    """Subclass it, set the class variables, and say what happens in `act` and `outcome`."""

    shelf: ClassVar[Shelf]
    uses_mail: ClassVar[bool] = False  # gets a dispatch when it is published (settings "template" and "sender")
    waits: ClassVar[bool] = False  # people may stay here: a loop through it does not spin
    judges: ClassVar[bool] = False  # asks rules at `batch.moment`: rehearsed day by day

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return the ways out, the usual one first. `cleaned` may lack anything: a step not filled in has outlets."""
        del cleaned
        return (NEXT,)

    def problems(self, step: Step, graph: Graph, cleaned: Cleaned) -> Sequence[Problem]:
        """Return what is wrong beyond the form (which says the rest): a mail not verified, a step that is gone."""
        del step, graph, cleaned
        return ()

    def act(self, batch: Batch) -> None:
        """Do what the step does to everybody of the batch, in sets, in the engine's transaction. Not in rehearsals.

        The engine moves everybody in the same transaction, so nothing is done twice; what leaves the database (a mail,
        a call) is written as a row of work. May fill `outlet` and `facts` of the batch's rows.
        """

    def outcome(self, batch: Batch) -> Sql:
        """Return SELECT id, outlet, due_at, facts: one row for each row of `batch.rows`.

        An outlet lets the person leave by it. Without an outlet she stays, and is looked at again at `due_at`
        (null: only when an event of `kinds` wakes her). With an outlet, due_at may say when it came about: a rehearsal
        takes that for the time of leaving (null: the row's own time). `facts` (jsonb or null) is kept in the trace.
        """
        return compose(f"SELECT b.id, coalesce(b.outlet, 'next'), NULL::timestamptz, b.facts FROM {batch.rows} b")  # noqa: S608


STEP_KINDS: Registry[StepKind] = Registry("step kinds", StepKind, lambda kind: kind.key)
