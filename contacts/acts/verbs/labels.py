"""Acts with tags and lists. Put back are those whose label is still the one that the act gave or took."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Gone, Params, Verb, at_once
from contacts.errors import Invalid
from contacts.lists import fixed, membership
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action


class TagNameForm(ActForm):
    name = forms.CharField(label=gettext_lazy("Tag"), max_length=60, widget=forms.TextInput(attrs={"list": "act-tags"}))

    def clean_name(self) -> str:
        """Refuse what is no name of a tag."""
        return _clean(self.cleaned_data["name"], 60)

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the tag of that name, made when there is none."""
        return {"tag": membership.tag_named(self.cleaned_data["name"]).pk}


class TagForm(ActForm):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=gettext_lazy("Tag"))

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the chosen tag."""
        return {"tag": self.cleaned_data["tag"].pk}


class ListForm(ActForm):
    list = forms.ModelChoiceField(FixedList.objects.all(), label=gettext_lazy("List"))

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the chosen list."""
        return {"list": self.cleaned_data["list"].pk}


class ListOrNewForm(ActForm):
    list = forms.ModelChoiceField(FixedList.objects.all(), label=gettext_lazy("List"), required=False)
    name = forms.CharField(label=gettext_lazy("Or a new list called"), max_length=120, required=False)

    def clean(self) -> None:
        """Ask for one of the two, and for a name that is free."""
        name, chosen = self.cleaned_data.get("name", ""), self.cleaned_data.get("list")
        if not self.errors and not name and chosen is None:
            self.add_error("list", _("Choose one."))
        if name and not self.errors:
            clean = _clean(name, 120)
            if FixedList.objects.filter(name__iexact=clean).exists():
                self.add_error("name", _("This name is already in use. Choose another one."))

    def params(self, by: User, now: datetime) -> dict[str, Any]:
        """Return the list, made when a name was typed."""
        name = self.cleaned_data["name"]
        chosen = fixed.create(name, "", by=by, now=now) if name else self.cleaned_data["list"]
        return {"list": chosen.pk}


def _clean(name: str, limit: int) -> str:
    try:
        return fixed.clean_name(name, limit)
    except Invalid as error:
        raise forms.ValidationError(str(error)) from error


@dataclass(frozen=True)
class _Labels:
    """Tags or lists: whoever has one has a row that says since when. `key` is the label's place in the params."""

    key: str
    model: type[Tag] | type[FixedList]
    held: Callable[[Any], QuerySet[Any]]  # everybody's rows of a label
    give: Callable[..., int]
    take: Callable[..., int]

    def _chosen(self, params: Params) -> Tag | FixedList:
        row: Tag | FixedList | None = self.model._default_manager.filter(pk=params[self.key]).first()
        if row is None:
            raise Gone
        return row

    def said(self, params: Params) -> str:
        """Return the label's name."""
        row = self.model._default_manager.filter(pk=params[self.key]).first()
        return str(row) if row else _("deleted")

    def put_on(self, params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
        """Give the label to who has it not."""
        return dict.fromkeys(self._given(self._chosen(params), ids, by, now), False)

    def put_on_back(self, params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
        """Take it from those who have it since."""
        label, back = self._chosen(params), []
        for at, ids in at_once(rows).items():
            same = _people(self.held(label).filter(contact__in=ids, at=at))
            self.take(label, same, by=by, now=now)
            back += same
        return back

    def take_off(self, params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
        """Take the label from who has it."""
        label = self._chosen(params)
        taken = _people(self.held(label).filter(contact__in=ids).select_for_update().order_by("contact_id"))
        self.take(label, taken, by=by, now=now)
        return dict.fromkeys(taken, True)

    def take_off_back(self, params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
        """Give it to those who have not got it again meanwhile."""
        return self._given(self._chosen(params), [row.contact_id for row in rows], by, now)

    def _given(self, label: Tag | FixedList, ids: Sequence[int], by: User, now: datetime) -> list[int]:
        self.give(label, ids, by=by, now=now)
        return _people(self.held(label).filter(contact__in=ids, at=now))


def _people(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("contact_id", flat=True))


_TAGS = _Labels("tag", Tag, lambda tag: ContactTag.objects.filter(tag=tag), membership.tag, membership.untag)
_LISTS = _Labels(
    "list", FixedList, lambda target: ListMember.objects.filter(fixed_list=target), membership.add, membership.remove
)
TAG = Verb(
    "tag", Action.CONTACT_EDIT, gettext_lazy("Add a tag"),
    gettext_lazy("These people get the tag. Who wears it already stays as is."),
    "tag", TagNameForm, _TAGS.put_on, _TAGS.said, _TAGS.put_on_back, is_first=True, scope=TokenScope.LISTS_WRITE,
)  # fmt: skip
UNTAG = Verb(
    "untag", Action.CONTACT_EDIT, gettext_lazy("Remove a tag"),
    gettext_lazy("The tag is taken from these people. The tag itself stays."),
    "tag-off", TagForm, _TAGS.take_off, _TAGS.said, _TAGS.take_off_back, scope=TokenScope.LISTS_WRITE,
)  # fmt: skip
LIST = Verb(
    "list", Action.LIST_EDIT, gettext_lazy("Add to a list"),
    gettext_lazy("These people are put on the list. Nobody joins or leaves later by itself."),
    "list-check", ListOrNewForm, _LISTS.put_on, _LISTS.said, _LISTS.put_on_back, is_first=True,
    scope=TokenScope.LISTS_WRITE,
)  # fmt: skip
UNLIST = Verb(
    "unlist", Action.LIST_EDIT, gettext_lazy("Take off a list"),
    gettext_lazy("These people are taken off the list. The list itself stays."),
    "list", ListForm, _LISTS.take_off, _LISTS.said, _LISTS.take_off_back, scope=TokenScope.LISTS_WRITE,
)  # fmt: skip
