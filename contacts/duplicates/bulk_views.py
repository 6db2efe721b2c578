"""Pages of merging many: choose and look first, then watch, stop, and undo the whole."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.duplicates import bulk, queries, tasks
from contacts.duplicates.models import DuplicateMerge
from contacts.duplicates.rules import REASONS, Likelihood
from contacts.people.filters import BadFilter
from contacts.people.posted import once
from contacts.people.views.door import token_of
from crm.kit import clock
from crm.team.permissions import allowed, reader

SAMPLE = 5


@allowed("contact.merge_many")
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Say how many pairs a choice has and show some (GET), then have them merged (POST), once for a form."""
    user, problem, choice = reader(request), "", queries.Choice(least=100, agreeing=True)
    posted = request.method == "POST"
    query = request.POST if posted else request.GET
    try:
        choice = queries.Choice.read(query)
        if posted:
            now, token = clock.now(), token_of(query.get("token"))
            made, _first = once(token, lambda: bulk.start(choice, by=user, now=now).pk)
            tasks.wake()
            return redirect("contacts:duplicates-job", made)
    except (BadFilter, bulk.NotNow) as error:
        problem = str(error)
    pairs = queries.open_pairs(user).filter(choice.condition)
    context = {
        "problem": problem,
        "total": pairs.order_by()[: bulk.LIMIT + 1].count(),
        "limit": bulk.LIMIT,
        "cards": [queries.card(pair) for pair in queries.with_people(pairs).order_by("-score", "-id")[:SAMPLE]],
        "reasons": [(row.key, row.label) for row in REASONS.values()],
        "likelihoods": [(word.value, word.label) for word in Likelihood if word.least],
        "chosen": {key: query.get(key, "") for key in ("reason", "likelihood", "agreeing")},
        "token": token_of(None),
    }
    return render(request, "contacts/duplicates_many.html", context, status=400 if problem else 200)


@allowed("contact.merge_many")
@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show a merge of many: how far it is, what came of it, and its undoing."""
    row = get_object_or_404(DuplicateMerge.objects.select_related("created_by"), pk=job_id)
    reason = REASONS[row.reason].label if row.reason else _("Every reason")
    held = row.merges.filter(undone_at=None).count()
    return render(request, "contacts/duplicates_job.html", {"job": row, "reason": reason, "held": held})


@allowed("contact.merge_many")
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop a merge of many; what was merged stays."""
    _try(request, lambda row: bulk.cancel(row, now=clock.now()), job_id)
    return redirect("contacts:duplicates-job", job_id)


@allowed("contact.merge_many")
@require_POST
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    """Have all merges of a job undone."""
    _try(request, lambda row: bulk.undo(row, now=clock.now()), job_id)
    tasks.wake()
    return redirect("contacts:duplicates-job", job_id)


def _try(request: HttpRequest, act: Callable[[DuplicateMerge], None], job_id: int) -> None:
    row = get_object_or_404(DuplicateMerge, pk=job_id)
    try:
        act(row)
    except bulk.NotNow as error:
        messages.error(request, str(error))
