"""What can be done to many people: the table of verbs. Apps above enter theirs with VERBS.register."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contacts.errors import ContactsError
from contacts.people.models import ContactQuerySet
from crm.kit.registry import Registry
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

type Params = Mapping[str, Any]
type Doing = Callable[[Params, Sequence[int], User, datetime], Mapping[int, Any]]
type Undoing = Callable[[Params, Sequence["Done"], User, datetime], Collection[int]]


class Gone(ContactsError):
    """What an act needs, such as its tag, was deleted since; nobody is changed any more."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why or _("What was chosen, or the right to do this, is gone."))


@dataclass(frozen=True)
class Done:
    """One person an act changed: what she was `before`, and when she was changed."""

    contact_id: int
    before: Any
    at: datetime


class ActForm(forms.Form):
    """What is asked before an act. `params` is what its job is given, as JSON."""

    def meet(self, people: ContactQuerySet, number: int) -> None:
        """Take whom the act is for, before anything is validated."""

    def params(self, by: User, now: datetime) -> dict[str, Any]:
        """Return the choice; may make what is named, such as a new tag. Called once, when the form is valid."""
        raise NotImplementedError


@dataclass(frozen=True)
class Onward:
    """How an act goes on that another job carries to its end, and that cannot be taken back.

    `fits` refuses (Gone) when others were found than were agreed on, given the params and how many. `carry` does what
    was handed over, after each range and outside transactions, and returns whether there is room for more; else the
    act waits. `ended` is told that nobody comes any more, also when the act was stopped. `page` is where the reader
    sees how far it is; `told` says how many were handed over.
    """

    fits: Callable[[Params, int], None]
    carry: Callable[[Params, Callable[[], datetime]], bool]
    ended: Callable[[Params, datetime], None]
    page: Callable[[Params], str]
    told: Callable[[int], str]
    most: int  # people in a range


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
    onward: Onward | None = None
    scope: TokenScope = TokenScope.CONTACTS_WRITE  # what a program's token must have


VERBS: Registry[Verb] = Registry("acts on people", Verb, lambda verb: verb.key)


def at_once(rows: Sequence[Done]) -> dict[datetime, list[int]]:
    """Return the ids of people by the moment they were changed."""
    found: dict[datetime, list[int]] = {}
    for row in rows:
        found.setdefault(row.at, []).append(row.contact_id)
    return found
