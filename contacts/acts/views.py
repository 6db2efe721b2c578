"""Pages of acts on many: what will happen and to whom, then how far it is, what came of it, and its undoing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from contacts.acts import jobs, tasks
from contacts.acts.models import BulkAct
from contacts.acts.verb import VERBS, ActForm, Verb
from contacts.errors import ContactsError, Invalid
from contacts.lists.models import Tag
from contacts.people import queries
from contacts.people.filters import chips
from contacts.people.posted import once
from contacts.people.selection import LIMIT, Selection
from contacts.people.views.door import token_of
from crm.kit import clock
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.permissions import allowed, may, reader, require

AT_ONCE = 200  # people; more are left to a worker, and so is what another job carries on


@allowed("contact.edit")
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Say what an act will do and to whom (`sure` missing), or start it."""
    user, key = reader(request), request.POST.get("act", "")
    if key not in VERBS:
        messages.error(request, _("Choose what to do with these people."))
        return redirect("contacts:people")
    verb = VERBS[key]
    require(user, verb.action)
    try:
        selection = Selection.posted(request.POST)
        total = queries.counted(selection.people(user), LIMIT)
    except ContactsError as problem:
        messages.error(request, str(problem))
        return redirect("contacts:people")
    if not selection.ids and not request.POST.get("everyone"):
        messages.info(request, _("Tick some people first."))
        return redirect(_back(request))
    return _decide(request, verb, selection, total)


def _decide(request: HttpRequest, verb: Verb, selection: Selection, total: queries.Counted) -> HttpResponse:
    """Start the act when the reader is sure and nothing is wrong, else show the page that asks."""
    sure = bool(request.POST.get("sure"))
    form = verb.form(request.POST) if sure else verb.form()
    form.meet(selection.people(reader(request)), total.number)
    if sure and total.exact and form.is_valid():
        try:
            return _started(request, verb, form, selection, total)
        except Invalid as problem:
            form.add_error(None, str(problem))
    status = 400 if sure or not total.exact else 200
    return render(request, "contacts/acts/choose.html", _asked(request, verb, form, selection, total), status=status)


def _started(
    request: HttpRequest, verb: Verb, form: ActForm, selection: Selection, total: queries.Counted
) -> HttpResponse:
    user, now = reader(request), clock.now()

    def make() -> int:
        return jobs.start(verb.key, selection, form.params(user, now), by=user, now=now).pk

    made, first = once(token_of(request.POST.get("token")), make)
    if verb.onward or total.number > AT_ONCE:
        tasks.wake()
        return redirect("contacts:act", made)
    row = BulkAct.objects.get(pk=made)
    if first:
        jobs.run_due(clock.now, only=row)
        row.refresh_from_db()
    if row.state != WorkState.DONE:
        return redirect("contacts:act", made)
    messages.success(request, _told(row))
    return redirect(_back(request))


def _told(act: BulkAct) -> SafeString:
    said = ngettext("%(done)d person changed.", "%(done)d people changed.", act.changed) % {"done": act.changed}
    link = _("Look, or undo it") if VERBS[act.verb].undo and act.changed else _("Look")
    return format_html('{} <a href="{}">{}</a>', said, reverse("contacts:act", args=[act.pk]), link)


def _back(request: HttpRequest) -> str:
    query = QueryDict(request.POST.get("query", "")).urlencode()  # quoted anew: nothing of it may end a header
    return reverse("contacts:people") + (f"?{query}" if query else "")


def _asked(
    request: HttpRequest, verb: Verb, form: ActForm, selection: Selection, total: queries.Counted
) -> dict[str, Any]:
    people = selection.people(reader(request))
    return {
        "verb": verb,
        "form": form,
        "total": total,
        "too_many": not total.exact,
        "chips": [] if selection.ids else chips(QueryDict(selection.query)),
        "sample": people.order_by("sort_key", "pk")[:5] if total.number <= queries.COUNT_LIMIT else people[:5],
        "ids": selection.ids,
        "query": request.POST.get("query", ""),
        "everyone": selection.is_everyone,
        "tags": Tag.objects.all()[:500],
        "token": request.POST.get("token") or token_of(None),
        "back": _back(request),
    }


@allowed("contact.edit")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the acts of late, the newest first."""
    rows = BulkAct.objects.visible_to(reader(request)).select_related("by")
    page = keyset_page(rows, ["-created_at", "-id"], cursor=request.GET.get("cursor", ""), size=30)
    now = clock.now()
    context = {"page": page, "rows": [_shown(row, now) for row in page.rows], "is_empty": not page.rows}
    return render(request, "contacts/acts/list.html", context)


def _shown(act: BulkAct, now: datetime) -> dict[str, Any]:
    verb = VERBS[act.verb]
    return {
        "act": act,
        "title": verb.title,
        "choice": act.choice,
        "can_undo": verb.undo is not None and act.may_be_undone(now),
        "is_proof": verb.undo is None,
    }


@allowed("contact.edit")
@require_GET
def show(request: HttpRequest, act_id: int) -> HttpResponse:
    """Show an act: how far it is, what came of it, and its undoing."""
    user = reader(request)
    act = get_object_or_404(BulkAct.objects.visible_to(user).select_related("by", "undone_by"), pk=act_id)
    row = _shown(act, clock.now())
    query, onward = QueryDict(act.query), VERBS[act.verb].onward
    context = {
        **row,
        "told": onward.told(act.changed) if onward else "",
        "onward_page": onward.page(act.params) if onward and act.params and may(user, VERBS[act.verb].action) else "",
        "can_undo": row["can_undo"] and may(user, VERBS[act.verb].action),
        "chips": [] if act.ticked else chips(query),
        "back": reverse("contacts:people") + (f"?{query.urlencode()}" if act.query else ""),
        "holding": act.changed - act.undone,
        "same": act.seen - act.changed,
    }
    return render(request, "contacts/acts/show.html", context)


@allowed("contact.edit")
@require_POST
def stop(request: HttpRequest, act_id: int) -> HttpResponse:
    """Stop an act; what was done stays and can be undone."""
    return _changed(request, act_id, lambda act: jobs.cancel(act, now=clock.now()))


@allowed("contact.edit")
@require_POST
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """Have an act undone: few people at once, many by a worker."""

    def back(act: BulkAct) -> None:
        jobs.undo(act, by=reader(request), now=clock.now())
        if act.changed <= AT_ONCE:
            jobs.run_due(clock.now, only=act)
        else:
            tasks.wake()

    return _changed(request, act_id, back)


def _changed(request: HttpRequest, act_id: int, verb: Callable[[BulkAct], None]) -> HttpResponse:
    act = get_object_or_404(BulkAct.objects.visible_to(reader(request)), pk=act_id)
    try:
        verb(act)
    except jobs.NotNow as problem:
        messages.error(request, str(problem))
    return redirect("contacts:act", act.pk)
