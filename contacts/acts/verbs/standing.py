"""Acts that hand people over or move them. Put back are those who still stand where the act left them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Gone, Params, Verb, at_once
from contacts.people import ownership
from contacts.people.models import Contact
from contacts.stages.models import Stage
from contacts.stages.moving import BY_HAND, Standing, move, put_back
from crm.team.models import User
from crm.team.permissions import Action

NOBODY = "none"


class OwnerForm(ActForm):
    owner = forms.ChoiceField(label=gettext_lazy("Owner"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
        choices = [("", "–"), *((str(number), name) for number, name in people), (NOBODY, _("Nobody"))]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the new owner, None for nobody."""
        chosen = self.cleaned_data["owner"]
        return {"owner": None if chosen == NOBODY else int(chosen)}


class StageForm(ActForm):
    stage = forms.ModelChoiceField(Stage.objects.filter(model__in_use=True), label=gettext_lazy("Stage"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].label_from_instance = lambda stage: stage.label  # type: ignore[attr-defined]

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the chosen stage."""
        return {"stage": self.cleaned_data["stage"].pk}


def _owner_of(params: Params) -> User | None:
    if params["owner"] is None:
        return None
    found = User.objects.filter(pk=params["owner"], is_active=True).first()
    if found is None:
        raise Gone
    return found


def _assign(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    owner = _owner_of(params)
    people = Contact.objects.live().filter(pk__in=ids).exclude(owner=owner).select_for_update().order_by("pk")
    before = {pk: {"owner": held} for pk, held in people.values_list("pk", "owner_id")}
    ownership.assign(list(before), owner, by=by, now=now)
    return before


def _assign_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    before = {row.contact_id: row.before["owner"] for row in rows}
    same = Contact.objects.filter(pk__in=before, owner=params["owner"]).select_for_update().order_by("pk")
    owners = User.objects.in_bulk({held for held in before.values() if held is not None})
    groups: dict[int | None, list[int]] = {}
    for pk in same.values_list("pk", flat=True):
        if before[pk] is None or before[pk] in owners:
            groups.setdefault(before[pk], []).append(pk)
    for held, ids in groups.items():
        ownership.assign(ids, owners.get(held) if held is not None else None, by=by, now=now)
    return [pk for ids in groups.values() for pk in ids]


def _owner_words(params: Params) -> str:
    if params["owner"] is None:
        return _("Nobody")
    found = User.objects.filter(pk=params["owner"]).first()
    return str(found) if found else _("deleted")


def _move(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    stage = Stage.objects.filter(pk=params["stage"], model__in_use=True).first()
    if stage is None:
        raise Gone
    people = Contact.objects.live().filter(pk__in=ids).exclude(stage=stage).select_for_update(of=("self",))
    rows = people.order_by("pk").values_list("pk", "stage_id", "stage_since", "stage_by_hand")
    before = {
        pk: {"stage": held, "since": since.isoformat() if since else None, "by_hand": by_hand}
        for pk, held, since, by_hand in rows
    }
    move(list(before), stage, cause=BY_HAND, by=by, now=now)
    return before


def _move_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    before, back = {row.contact_id: row.before for row in rows}, []
    for at, ids in at_once(rows).items():
        same = Contact.objects.filter(pk__in=ids, stage=params["stage"], stage_since=at)
        locked = same.select_for_update(of=("self",)).order_by("pk")
        back += list(locked.values_list("pk", flat=True))
    return put_back({pk: _standing(before[pk]) for pk in back}, by=by, now=now)


def _standing(before: dict[str, Any]) -> Standing:
    since = before["since"]
    return Standing(before["stage"], parse_datetime(since) if since else None, before["by_hand"])


def _stage_words(params: Params) -> str:
    found = Stage.objects.filter(pk=params["stage"]).first()
    return found.label if found else _("deleted")


OWNER = Verb(
    "owner", Action.CONTACT_ASSIGN, gettext_lazy("Change the owner"),
    gettext_lazy("These people are handed to the new owner at once."),
    "user-share", OwnerForm, _assign, _owner_words, _assign_back, is_first=True,
)  # fmt: skip
STAGE = Verb(
    "stage", Action.CONTACT_EDIT, gettext_lazy("Move to a stage"),
    gettext_lazy("These people are moved by hand; each move is kept in the activity."),
    "stairs-up", StageForm, _move, _stage_words, _move_back, is_first=True,
)  # fmt: skip
