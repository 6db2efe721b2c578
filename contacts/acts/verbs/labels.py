"""Acts with tags and lists. Put back are those whose label is still the one that the act gave or took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Gone, Params, Verb, at_once
from contacts.errors import Invalid
from contacts.lists import fixed, membership
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
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


def _found[M: Model](model: type[M], number: int) -> M:
    row = model._default_manager.filter(pk=number).first()
    if row is None:
        raise Gone
    return row


def _named(model: type[Model], key: str, params: Params) -> str:
    row = model._default_manager.filter(pk=params[key]).first()
    return str(row) if row else _("deleted")


def _tag(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    label = _found(Tag, params["tag"])
    membership.tag(label, ids, by=by, now=now)
    worn = ContactTag.objects.filter(tag=label, contact__in=ids, at=now)
    return dict.fromkeys(worn.values_list("contact_id", flat=True), False)


def _tag_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    label, back = _found(Tag, params["tag"]), []
    for at, ids in at_once(rows).items():
        same = list(ContactTag.objects.filter(tag=label, contact__in=ids, at=at).values_list("contact_id", flat=True))
        membership.untag(label, same, by=by, now=now)
        back += same
    return back


def _untag(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    label = _found(Tag, params["tag"])
    wearing = ContactTag.objects.filter(tag=label, contact__in=ids).select_for_update().order_by("contact_id")
    taken = list(wearing.values_list("contact_id", flat=True))
    membership.untag(label, taken, by=by, now=now)
    return dict.fromkeys(taken, True)


def _untag_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    label, ids = _found(Tag, params["tag"]), [row.contact_id for row in rows]
    membership.tag(label, ids, by=by, now=now)
    worn = ContactTag.objects.filter(tag=label, contact__in=ids, at=now)
    return list(worn.values_list("contact_id", flat=True))


def _join(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    target = _found(FixedList, params["list"])
    membership.add(target, ids, by=by, now=now)
    joined = ListMember.objects.filter(fixed_list=target, contact__in=ids, at=now)
    return dict.fromkeys(joined.values_list("contact_id", flat=True), False)


def _join_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    target, back = _found(FixedList, params["list"]), []
    for at, ids in at_once(rows).items():
        members = ListMember.objects.filter(fixed_list=target, contact__in=ids, at=at)
        same = list(members.values_list("contact_id", flat=True))
        membership.remove(target, same, by=by, now=now)
        back += same
    return back


def _leave(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    target = _found(FixedList, params["list"])
    members = ListMember.objects.filter(fixed_list=target, contact__in=ids).select_for_update().order_by("contact_id")
    taken = list(members.values_list("contact_id", flat=True))
    membership.remove(target, taken, by=by, now=now)
    return dict.fromkeys(taken, True)


def _leave_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    target, ids = _found(FixedList, params["list"]), [row.contact_id for row in rows]
    membership.add(target, ids, by=by, now=now)
    joined = ListMember.objects.filter(fixed_list=target, contact__in=ids, at=now)
    return list(joined.values_list("contact_id", flat=True))


def _tag_words(params: Params) -> str:
    return _named(Tag, "tag", params)


def _list_words(params: Params) -> str:
    return _named(FixedList, "list", params)


TAG = Verb(
    "tag", Action.CONTACT_EDIT, gettext_lazy("Add a tag"),
    gettext_lazy("These people get the tag. Who wears it already stays as is."),
    "tag", TagNameForm, _tag, _tag_words, _tag_back, is_first=True,
)  # fmt: skip
UNTAG = Verb(
    "untag", Action.CONTACT_EDIT, gettext_lazy("Remove a tag"),
    gettext_lazy("The tag is taken from these people. The tag itself stays."),
    "tag-off", TagForm, _untag, _tag_words, _untag_back,
)  # fmt: skip
LIST = Verb(
    "list", Action.LIST_EDIT, gettext_lazy("Add to a list"),
    gettext_lazy("These people are put on the list. Nobody joins or leaves later by itself."),
    "list-check", ListOrNewForm, _join, _list_words, _join_back, is_first=True,
)  # fmt: skip
UNLIST = Verb(
    "unlist", Action.LIST_EDIT, gettext_lazy("Take off a list"),
    gettext_lazy("These people are taken off the list. The list itself stays."),
    "list", ListForm, _leave, _list_words, _leave_back,
)  # fmt: skip
