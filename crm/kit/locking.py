"""Two people edit one thing: what was there when each began, what is stored now, what was typed, and choosing.

A form that is saved by version carries two hidden fields: `version`, and `seen`, its values as they were when it was
opened (`seen_of`). When the version is no longer the stored one, `differences` tells field by field what was before,
what the other saved, and what was typed; templates/components/merge_edits.html lets the reader choose, and `chosen`
reads the choice back as if it had been typed into the form.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

from django import forms
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

VERSION, SEEN = "version", "seen"
TAKE, THEIRS = "take-", "theirs-"
MINE = "mine"
_OURS = ("csrfmiddlewaretoken", VERSION, SEEN, "merge", "further")

type Posted = list[str]  # the values of one field as a form posts them


@runtime_checkable
class Worded(Protocol):
    """A field whose text is not for people: `normal` makes two ways of writing one thing equal, `in_words` says it.

    Neither raises for text that cannot be understood.
    """

    def normal(self, text: str) -> str:
        """Return the text in its one form."""
        ...

    def in_words(self, text: str) -> str:
        """Return what the text says."""
        ...


def as_posted(field: BoundField) -> Posted:
    """Return the values of a field as a browser would post them; a field that posts nothing has none."""
    value = field.value()
    if isinstance(field.field, Worded):
        return [field.field.normal(str(value))] if value else []
    if value is None or value is False or value == "":
        return []
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return ["on"] if value is True else [str(value)]


def seen_of(form: forms.Form) -> str:
    """Return the values of an unbound form as JSON, for its hidden field `seen`."""
    return json.dumps({field.name: as_posted(field) for field in form if not field.is_hidden}, ensure_ascii=False)


def read_seen(raw: str) -> dict[str, Posted]:
    """Read `seen` back. It only helps to tell changes apart, so whatever is not understood is left out."""
    try:
        read = json.loads(raw or "{}")
    except ValueError:
        return {}
    if not isinstance(read, dict):
        return {}
    return {str(name): [str(value) for value in values] for name, values in read.items() if isinstance(values, list)}


@dataclass(frozen=True)
class Difference:
    """A field in which what is stored now is not what was typed; `before` is None where it is not known.

    `clash`: both changed it. `mine`: what was typed is offered first, else (only the other changed it) what is stored.
    """

    name: str
    label: str
    before: str | None
    theirs: str
    typed: str
    theirs_posted: Posted
    clash: bool
    mine: bool


def differences(typed: forms.Form, stored: forms.Form, seen: Mapping[str, Posted]) -> list[Difference]:
    """Compare a bound form with the unbound form of what is stored now."""
    found = []
    for field in stored:
        if field.is_hidden or field.name not in typed.fields:
            continue
        mine, theirs, before = as_posted(typed[field.name]), as_posted(field), seen.get(field.name)
        if mine == theirs:
            continue
        changed_by_me = before is None or mine != before
        found.append(
            Difference(
                name=field.html_name,
                label=str(field.label),
                before=None if before is None else shown(field, before),
                theirs=shown(field, theirs),
                typed=shown(field, mine),
                theirs_posted=theirs,
                clash=changed_by_me and (before is None or theirs != before),
                mine=changed_by_me,
            )
        )
    return found


def shown(field: BoundField, posted: Posted) -> str:
    """Return values as a reader knows them: the labels of choices, Yes for a tick."""
    if isinstance(field.field, Worded):
        return ", ".join(field.field.in_words(value) for value in posted)
    choices = getattr(field.field, "choices", None)
    if choices is not None:
        labels = {str(value): str(label) for value, label in _flat(choices)}
        return ", ".join(labels.get(value, value) for value in posted)
    if isinstance(field.field, forms.BooleanField):
        return _("Yes") if posted else _("No")
    return ", ".join(posted)


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    flat: list[tuple[Any, Any]] = []
    for value, label in choices:
        flat += label if isinstance(label, (list, tuple)) else [(value, label)]
    return flat


def chosen(posted: QueryDict) -> QueryDict:
    """Return what the reader wants: of the fields she chose between, the stored values or her own; others as typed."""
    data = posted.copy()
    for key in posted:
        if key.startswith(TAKE) and posted[key] != MINE:
            data.setlist(key.removeprefix(TAKE), posted.getlist(THEIRS + key.removeprefix(TAKE)))
    return data


def typed_again(posted: QueryDict) -> Sequence[tuple[str, str]]:
    """Return (name, value) of all that was typed, for the hidden fields of the page where one chooses."""
    return [
        (name, value)
        for name in posted
        if name not in _OURS and not name.startswith((TAKE, THEIRS))
        for value in posted.getlist(name)
    ]


class Lockable(forms.Form):
    """A form that is saved by version."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def opened(self, version: int | None = None) -> Self:
        """Remember, once all values of an unbound form are set, what they are (and of which `version`); return it."""
        if version is not None:
            self.initial[VERSION] = version
        self.initial[SEEN] = seen_of(self)
        return self

    def at_version(self) -> int:
        """Return the version that the reader saw; 0 for none. For a form that was read."""
        return self.cleaned_data.get(VERSION) or 0


def merge_context(typed: forms.Form, stored: forms.Form, posted: QueryDict, version: int) -> dict[str, Any]:
    """Return what templates/components/merge_edits.html shows."""
    return {
        "differences": differences(typed, stored, read_seen(posted.get(SEEN, ""))),
        "typed_again": typed_again(posted),
        "version": version,
        "seen": seen_of(stored),
    }


@dataclass(frozen=True)
class Thing:
    """What two people edited: its name, its version now, where its form is posted to, and its own page."""

    name: str
    version: int
    action: str
    back: str


def merge_page(
    request: HttpRequest, typed: forms.Form, stored: forms.Form, thing: Thing, posted: QueryDict | None = None
) -> HttpResponse:
    """Answer 409 with the page on which the reader chooses between what is stored now and what was `posted`.

    `posted` is what stands for the request's own where that is not in the fields of the form.
    """
    context = merge_context(typed, stored, chosen(request.POST) if posted is None else posted, thing.version)
    context |= {"heading": thing.name, "action": thing.action, "back": thing.back}
    return render(request, "merge_edits.html", context, status=409)
