"""Acts on many people at once: first what will happen and to whom, then the act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from contacts.errors import ContactsError, Invalid
from contacts.lists import fixed, membership
from contacts.lists.models import FixedList, Tag
from contacts.people import ownership, queries
from contacts.people.selection import LIMIT, Selection
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import move
from crm.kit import clock
from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader, require

type Act = Callable[[Sequence[int], User, datetime], int]


@dataclass(frozen=True)
class BulkAct:
    """One act: which permission it needs, what is asked, and how the answer becomes something to do."""

    key: str
    action: Action
    title: Any
    what: Any
    fields: tuple[str, ...]
    prepare: Callable[[HttpRequest], Act]
    label: Any = ""  # of the choice, where one is to be made among `choices`
    choices: Callable[[], list[tuple[str, str]]] = list
    icon: str = ""  # of its button, which acts of apps above bring with them


def _row(model: Any, raw: str, **only: Any) -> Any:
    found = model.objects.filter(pk=raw, **only).first() if raw.isdecimal() else None
    if found is None:
        raise Invalid({"choice": _("Choose one.")})
    return found


def _tag(request: HttpRequest) -> Act:
    label = membership.tag_named(request.POST.get("name", ""))
    return lambda ids, by, now: membership.tag(label, ids, by=by, now=now)


def _untag(request: HttpRequest) -> Act:
    label: Tag = _row(Tag, request.POST.get("tag", ""))
    return lambda ids, by, now: membership.untag(label, ids, by=by, now=now)


def _list(request: HttpRequest) -> Act:
    if name := request.POST.get("name", "").strip():
        target = fixed.create(name, "", by=reader(request), now=clock.now())
    else:
        target = _row(FixedList, request.POST.get("list", ""))
    return lambda ids, by, now: membership.add(target, ids, by=by, now=now)


def _owner(request: HttpRequest) -> Act:
    raw = request.POST.get("owner", "")
    owner: User | None = None if raw == "none" else _row(User, raw, is_active=True)
    return lambda ids, by, now: ownership.assign(ids, owner, by=by, now=now)


def _stage(request: HttpRequest) -> Act:
    stage: Stage = _row(Stage, request.POST.get("stage", ""), model__in_use=True)
    return lambda ids, by, now: move(ids, stage, cause="person", by=by, now=now)


ACTS: Registry[BulkAct] = Registry("acts on people", BulkAct, lambda act: act.key)
ACTS.register(
        BulkAct("tag", Action.CONTACT_EDIT, gettext_lazy("Add a tag"),
                gettext_lazy("These people get the tag. Who wears it already stays as is."), ("tag_name",), _tag),
        BulkAct("untag", Action.CONTACT_EDIT, gettext_lazy("Remove a tag"),
                gettext_lazy("The tag is taken from these people. The tag itself stays."), ("tag",), _untag),
        BulkAct("list", Action.LIST_EDIT, gettext_lazy("Add to a list"),
                gettext_lazy("These people are put on the list. Nobody joins or leaves later by itself."),
                ("list", "list_name"), _list),
        BulkAct("owner", Action.CONTACT_ASSIGN, gettext_lazy("Change the owner"),
                gettext_lazy("These people are handed to the new owner at once."), ("owner",), _owner),
        BulkAct("stage", Action.CONTACT_EDIT, gettext_lazy("Move to a stage"),
                gettext_lazy("These people are moved by hand; each move is kept in the activity."),
                ("stage",), _stage),
)  # fmt: skip


@allowed("contact.edit")
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Confirm an act for many (`sure` missing) or do it. Nothing is done for more people than LIMIT."""
    user = reader(request)
    key = request.POST.get("act", "")
    if key not in ACTS:
        messages.error(request, _("Choose what to do with these people."))
        return redirect("contacts:people")
    chosen = ACTS[key]
    require(user, chosen.action)
    try:
        selection = Selection.posted(request.POST)
        total = queries.counted(selection.people(user), LIMIT)
    except ContactsError as problem:
        messages.error(request, str(problem))
        return redirect("contacts:people")
    if not selection.ids and not request.POST.get("everyone"):
        messages.info(request, _("Tick some people first."))
        return redirect(_back(request))
    return _decide(request, chosen, selection, total)


def _decide(request: HttpRequest, chosen: BulkAct, selection: Selection, total: queries.Counted) -> HttpResponse:
    """Do the act when the reader is sure and nothing is wrong, else show the page that asks."""
    error = ""
    if request.POST.get("sure") and total.exact:
        try:
            done = _do(chosen.prepare(request), selection, reader(request))
        except Invalid as problem:
            error = str(problem)
        else:
            messages.success(request, _changed(done))
            return redirect(_back(request))
    status = 400 if error or not total.exact else 200
    context = _confirm(request, chosen, selection, total, error)
    return render(request, "contacts/people_act.html", context, status=status)


def _do(doing: Act, selection: Selection, user: User) -> int:
    now = clock.now()
    return sum(doing(ids, user, now) for ids in selection.ranges(user))


def _changed(done: int) -> str:
    return ngettext("%(done)d person changed.", "%(done)d people changed.", done) % {"done": done}


def _back(request: HttpRequest) -> str:
    query = QueryDict(request.POST.get("query", "")).urlencode()  # quoted anew: nothing of it may end a header
    return reverse("contacts:people") + (f"?{query}" if query else "")


def _confirm(
    request: HttpRequest, chosen: BulkAct, selection: Selection, total: queries.Counted, error: str
) -> dict[str, Any]:
    user = reader(request)
    return {
        "act": chosen,
        "total": total,
        "too_many": not total.exact,
        "sample": selection.people(user).order_by("sort_key", "pk")[:5],
        "ids": selection.ids,
        "query": request.POST.get("query", ""),
        "everyone": selection.is_everyone,
        "error": error,
        "tags": Tag.objects.all(),
        "lists": FixedList.objects.all(),
        "owners": User.objects.filter(is_active=True).order_by("name"),
        "stages": stages_in_use(),
        "choices": chosen.choices(),
        "back": _back(request),
    }
