"""What can be done to many people: the table of verbs. Apps above enter theirs with VERBS.register."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contacts.errors import ContactsError
from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action

type Params = Mapping[str, Any]
type Doing = Callable[[Params, Sequence[int], User, datetime], Mapping[int, Any]]
type Undoing = Callable[[Params, Sequence["Done"], User, datetime], Collection[int]]


class Gone(ContactsError):
    """What an act needs, such as its tag, was deleted since; nobody is changed any more."""

    def __init__(self) -> None:
        super().__init__(_("What was chosen, or the right to do this, is gone."))


@dataclass(frozen=True)
class Done:
    """One person an act changed: what she was `before`, and when she was changed."""

    contact_id: int
    before: Any
    at: datetime


class ActForm(forms.Form):
    """What is asked before an act. `params` is what its job is given, as JSON."""

    def params(self, by: User, now: datetime) -> dict[str, Any]:
        """Return the choice; may make what is named, such as a new tag. Called once, when the form is valid."""
        raise NotImplementedError


@dataclass(frozen=True)
class Verb:
    """One act. It never meets people whom its user may not see.

    `do` changes people and returns, for each it really changed, what she was before, as JSON that is not null;
    `undo` puts back those of them who are still as `do` left them and returns whom. Both run in one transaction a
    range and raise Gone. `said` tells the choice in words ("" when there is nothing to tell).
    """

    key: str
    action: Action
    title: Any
    what: Any
    icon: str
    form: type[ActForm]
    do: Doing
    said: Callable[[Params], str]
    undo: Undoing | None = None
    why_kept: Any = ""  # said before it is done, where nothing can be undone
    is_first: bool = False  # has a button of its own on the list; others stand in the menu


VERBS: Registry[Verb] = Registry("acts on people", Verb, lambda verb: verb.key)


def at_once(rows: Sequence[Done]) -> dict[datetime, list[int]]:
    """Return the ids of people by the moment they were changed."""
    found: dict[datetime, list[int]] = {}
    for row in rows:
        found.setdefault(row.at, []).append(row.contact_id)
    return found
