"""Pages of duplicates: to decide, merged, kept apart; and two people side by side."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.duplicates import comparing, decisions, queries, search, tasks
from contacts.duplicates.rules import REASONS, Likelihood
from contacts.identity.merge import WrongMerge, merge, unmerge
from contacts.people.filters import BadFilter
from contacts.people.models import Contact
from contacts.people.queries import survivor_of
from contacts.people.views.door import may_assign_anyone
from crm.kit import clock
from crm.kit.paging import BadCursor, Page
from crm.team.permissions import allowed, reader


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs of the pages of duplicates."""
    pages = (
        ("duplicates", _("To decide")),
        ("duplicates-merged", _("Merged")),
        ("duplicates-apart", _("Two people")),
    )
    return [{"label": label, "url": reverse(f"contacts:{name}"), "current": name == current} for name, label in pages]


@allowed("contact.merge")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the pairs to decide, the likeliest first."""
    user, query = reader(request), request.GET
    narrowed = any(query.get(key) for key in ("q", "reason", "likelihood"))
    problem, page = "", Page[queries.Card]([], "", "")
    try:
        page = queries.pairs_page(user, query)
    except (BadFilter, BadCursor) as error:
        problem = str(error)
    context = {
        "tabs": tabs("duplicates"),
        "page": page,
        "problem": problem,
        "is_empty": not page.rows and not narrowed and not problem and not query.get("cursor"),
        "search": query.get("q", ""),
        "search_label": _("Name, e-mail, company or phone"),
        "clear_url": reverse("contacts:duplicates") if narrowed else "",
        "reasons": [(row.key, row.label) for row in REASONS.values()],
        "likelihoods": [(word.value, word.label) for word in Likelihood if word.least],
        "chosen": {key: query.get(key, "") for key in ("reason", "likelihood")},
        "run": search.latest(),
    }
    return render(request, "contacts/duplicates.html", context, status=400 if problem else 200)


@allowed("contact.merge")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Search everyone anew; a search that is going on goes on."""
    search.start(reader(request), now=clock.now())
    tasks.wake()
    return redirect("contacts:duplicates")


@allowed("contact.merge")
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """Show how far the search is; asked every second while it runs."""
    return render(request, "contacts/duplicates_search.html", {"run": search.latest()})


@allowed("contact.merge")
@require_GET
def merged(request: HttpRequest) -> HttpResponse:
    """Show what was merged, the latest first, each with its undoing."""
    page = queries.merges_page(reader(request), request.GET.get("cursor", ""))
    return render(request, "contacts/duplicates_merged.html", {"tabs": tabs("duplicates-merged"), "page": page})


@allowed("contact.merge")
@require_GET
def apart(request: HttpRequest) -> HttpResponse:
    """Show the pairs of which somebody said that they are two people."""
    page = queries.apart_page(reader(request), request.GET.get("cursor", ""))
    return render(request, "contacts/duplicates_apart.html", {"tabs": tabs("duplicates-apart"), "page": page})


@allowed("contact.merge")
@require_POST
def keep_apart(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Remember that the two are two people."""
    pair = get_object_or_404(queries.open_pairs(reader(request)), pk=pair_id)
    decisions.keep_apart(pair, by=reader(request), now=clock.now())
    messages.success(request, _("Remembered: these are two people. They are not offered again."))
    return redirect("contacts:duplicates")


@allowed("contact.merge")
@require_POST
def reopen(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Take the decision back: the pair is to be decided again."""
    decisions.reopen(get_object_or_404(queries.kept_apart(reader(request)), pk=pair_id))
    return redirect("contacts:duplicates-apart")


@allowed("contact.merge")
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, contact_id: int, other_id: int) -> HttpResponse:
    """Show two people side by side (GET), and make them one (POST). Who was merged before leads to who lives on."""
    people = Contact.objects.visible_to(reader(request)).select_related("stage", "owner", "account", "seen")
    both = people.in_bulk([contact_id, other_id])
    if len(both) < 2:
        into = survivor_of(contact_id)
        if contact_id != other_id and into == survivor_of(other_id) and people.filter(pk=into or 0).exists():
            return redirect("contacts:person", into)
        raise Http404
    first, second = both[contact_id], both[other_id]
    if request.method == "GET":
        return _side_by_side(request, first, second)
    if request.POST.get("versions") != _versions(first, second):
        problem = _("One of the two was changed in the meantime. Nothing was merged: look at both again.")
        return _side_by_side(request, first, second, problem=problem, status=409)
    return _merge(request, first, second)


def _versions(first: Contact, second: Contact) -> str:
    return f"{first.version}-{second.version}"


def _merge(request: HttpRequest, first: Contact, second: Contact) -> HttpResponse:
    stays, goes = (second, first) if request.POST.get("stays") == "second" else (first, second)
    theirs = "first" if goes is first else "second"
    may_assign = may_assign_anyone(reader(request))
    offered = {line.key for line in comparing.lines(first, second, may_assign=may_assign) if line.open}
    taken = {key for key in offered if request.POST.get(f"keep-{key}") == theirs}
    try:
        merge(stays.pk, goes.pk, by=reader(request), now=clock.now(), taken=taken, strict=True)
    except WrongMerge as error:
        return _side_by_side(request, first, second, problem=str(error), status=400)
    messages.success(request, _("The two records are one now. You can separate them again on this page."))
    return redirect("contacts:person", stays.pk)


def _side_by_side(
    request: HttpRequest, first: Contact, second: Contact, *, problem: str = "", status: int = 200
) -> HttpResponse:
    user = reader(request)
    pair = queries.pair_of(user, first.pk, second.pk)
    stays, _goes = queries.stays_and_goes(first, second)
    rows = comparing.lines(first, second, may_assign=may_assign_anyone(user))
    context = {
        "first": first,
        "second": second,
        "card": queries.card(pair) if pair else None,
        "stays": "first" if stays is first else "second",
        "lines": rows,
        "consents": comparing.consents(first, second),
        "moving": comparing.moving(first, second),
        "versions": _versions(first, second),
        "problem": problem,
    }
    return render(request, "contacts/merge.html", context, status=status)


@allowed("contact.merge")
@require_POST
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Separate two merged records; a repeat is told and changes nothing."""
    record = get_object_or_404(queries.merges(reader(request)), pk=merge_id)
    try:
        unmerge(record, now=clock.now())
    except WrongMerge as error:
        messages.error(request, str(error))
        return redirect("contacts:person", record.winner_id)
    messages.success(request, _("The records are separate again."))
    return redirect("contacts:merge", record.winner_id, record.loser_id)
