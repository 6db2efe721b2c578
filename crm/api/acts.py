"""Acts on many people at once: what there is, done as a job, watched, stopped, undone."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.acts import jobs, tasks
from contacts.acts.models import ActStep, BulkAct
from contacts.acts.verb import VERBS, ActForm, Verb
from contacts.errors import Invalid, TooMany
from contacts.people import queries
from contacts.people.models import ContactQuerySet
from contacts.people.selection import LIMIT, Selection
from crm.api import people_filter
from crm.api.fields import Body, Free, Id, Text, several
from crm.api.problems import Refusal, invalid
from crm.api.route import Asked, Door, Listing
from crm.api.rows import MOST
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, may, require

DOOR = Door("Acts on many people", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
ONE = "acts/<row:act_id>"


class MemberShown(Body):
    name = serializers.CharField()
    label = serializers.CharField()
    required = serializers.BooleanField()


class VerbShown(Body):
    """An act, and what it wants to know."""

    key = serializers.CharField()
    title = serializers.CharField()
    what = serializers.CharField(allow_blank=True)
    can_undo = serializers.BooleanField()
    scope = serializers.CharField(help_text=_("What the token needs for it, beside contacts:write."))
    choice = MemberShown(many=True)


class VerbsShown(Body):
    acts = VerbShown(many=True)


def _verb(verb: Verb) -> dict[str, Any]:
    members = [
        {"name": name, "label": str(field.label or name), "required": field.required}
        for name, field in verb.form().fields.items()
    ]
    said = {"key": verb.key, "title": str(verb.title), "what": str(verb.what), "can_undo": verb.undo is not None}
    return {**said, "scope": verb.scope.value, "choice": members}


@DOOR.get("act-kinds", Action.CONTACT_EDIT, _("List what can be done to many people"), gives=VerbsShown)
def list_verbs(asked: Asked) -> dict[str, Any]:
    """Return the acts that your role includes."""
    return {"acts": [_verb(verb) for verb in VERBS if may(asked.user, verb.action)]}


class ActIn(Body):
    """An act on people: those of a filter, or those named."""

    act = Text(max_length=20, allow_blank=False, help_text=_("A key of GET act-kinds, such as tag."))
    choice = Free(required=False, help_text=_("What the act wants to know, by the names of GET act-kinds."))
    filter = Text(max_length=4000, required=False, help_text=_("Parameters as of GET contacts: stage=3&tag=7."))
    contacts = several(Id(), MOST, required=False, help_text=_("These people alone, instead of a filter."))


class ActShown(Body):
    """An act, and what came of it."""

    id = serializers.IntegerField()
    act = serializers.CharField()
    said = serializers.CharField(allow_blank=True, help_text=_("The choice in words."))
    filter = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(WorkState.values)
    step = serializers.ChoiceField(ActStep.values)
    people = serializers.IntegerField()
    seen = serializers.IntegerField()
    changed = serializers.IntegerField()
    undone = serializers.IntegerField()
    kept = serializers.IntegerField(help_text=_("Left as they are when it was undone: they had changed since."))
    by_id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    can_undo = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)


_PLAIN = (
    "state", "step", "people", "seen", "changed", "undone", "kept", "by_id", "created_at", "finished_at",
)  # fmt: skip


def _shown(row: BulkAct, asked: Asked) -> dict[str, Any]:
    can_undo = VERBS[row.verb].undo is not None and row.may_be_undone(asked.now)
    own = {name: getattr(row, name) for name in _PLAIN}
    said = {"id": row.pk, "act": row.verb, "said": str(row.choice), "filter": row.query}
    return {**said, **own, "can_undo": can_undo, "error": row.last_error}


@DOOR.get("acts", Action.CONTACT_EDIT, _("List acts on many people"), gives=ActShown, pages=True)
def list_acts(asked: Asked) -> Listing:
    """Return the acts of late that you may look at, the newest first."""
    rows = BulkAct.objects.visible_to(asked.user)
    page = keyset_page(rows, ("-created_at", "-id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, lambda row: _shown(row, asked))


@DOOR.post(
    "acts", Action.CONTACT_EDIT, _("Do something to many people"), takes=ActIn, gives=ActShown, status=202,
    example={"act": "tag", "choice": {"name": "VIP"}, "filter": "stage=3"},
    text=_("A worker does it in ranges. Ask for the act until its state is “done”; most can be undone for 7 days."),
)  # fmt: skip
def start_act(asked: Asked) -> dict[str, Any]:
    """Queue an act on people whom you may see."""
    verb, selection = _wanted(asked), _selection(asked)
    people = selection.people(asked.user)
    total = queries.counted(people, LIMIT)
    if not total.exact:
        raise TooMany(LIMIT)
    form = _filled(verb, asked.body.get("choice", {}), people, total.number)
    with transaction.atomic():
        params = form.params(asked.user, asked.now)
        made = jobs.start(verb.key, selection, params, by=asked.user, now=asked.now)
    tasks.wake()
    return _shown(made, asked)


def _wanted(asked: Asked) -> Verb:
    key = asked.body["act"]
    if key not in VERBS:
        raise invalid("act", str(_("There is no such act.")))
    require(asked.user, VERBS[key].action)
    asked.need(VERBS[key].scope)
    return VERBS[key]


def _selection(asked: Asked) -> Selection:
    """Return whom the body means; everybody is never meant by saying nothing."""
    ids, query = tuple(asked.body.get("contacts", ())), people_filter.read(asked.body.get("filter", "")).urlencode()
    if bool(ids) == bool(query):
        raise invalid("filter", str(_("Give either a filter or contacts.")))
    return Selection(ids=ids, query=query)


def _filled(verb: Verb, choice: Mapping[str, Any], people: ContactQuerySet, number: int) -> ActForm:
    """Return the act's form with a choice for these people, found right. Raises Refusal, Invalid."""
    if unknown := sorted(set(choice) - set(verb.form().fields)):
        raise invalid(f"choice.{unknown[0][:60]}", str(_("There is no such field.")))
    typed = QueryDict(mutable=True)
    for name, value in choice.items():
        each = value if isinstance(value, list) else [value]
        typed.setlist(name, [str(one) for one in each if one is not None and one is not False])
    form = verb.form(typed)
    form.meet(people, number)
    if not form.is_valid():
        raise Invalid({_path(name): " ".join(map(str, wrong)) for name, wrong in form.errors.items()})
    return form


def _path(name: str) -> str:
    return "choice" if name == NON_FIELD_ERRORS else f"choice.{name}"


@DOOR.get(ONE, Action.CONTACT_EDIT, _("Read what came of an act"), gives=ActShown)
def read_act(asked: Asked, act_id: int) -> dict[str, Any]:
    """Return one act."""
    return _shown(_found(asked, act_id), asked)


@DOOR.post(f"{ONE}/stop", Action.CONTACT_EDIT, _("Stop an act"), gives=ActShown)
def stop_act(asked: Asked, act_id: int) -> dict[str, Any]:
    """Stop an act, or its undoing; what was done stays and can be undone."""
    try:
        jobs.cancel(_found(asked, act_id), now=asked.now)
    except jobs.NotNow as error:
        raise Refusal("conflict", str(error)) from error
    return _shown(_found(asked, act_id), asked)


@DOOR.post(
    f"{ONE}/undo", Action.CONTACT_EDIT, _("Undo an act"), gives=ActShown, status=202,
    text=_("Puts everybody back who has not changed since."),
)  # fmt: skip
def undo_act(asked: Asked, act_id: int) -> dict[str, Any]:
    """Have an act undone by a worker."""
    act = _found(asked, act_id)
    asked.need(VERBS[act.verb].scope)
    try:
        jobs.undo(act, by=asked.user, now=asked.now)
    except jobs.NotNow as error:
        raise Refusal("conflict", str(error)) from error
    tasks.wake()
    return _shown(_found(asked, act_id), asked)


def _found(asked: Asked, act_id: int) -> BulkAct:
    return get_object_or_404(BulkAct.objects.visible_to(asked.user), pk=act_id)
