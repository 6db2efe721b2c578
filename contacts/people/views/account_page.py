"""The page of one account: its people, their activity, notes and insights, orders and companies below."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from contacts.account_roles.models import AccountRole
from contacts.commerce.queries import OrderChoice, orders_page
from contacts.errors import Invalid
from contacts.notes import queries as note_queries
from contacts.notes import writing
from contacts.people import account_queries, account_tree, facts
from contacts.people.filters import BadFilter
from contacts.people.models import Account
from contacts.people.views.door import token_of
from contacts.people.views.past import account_past
from contacts.scoring.accounts import heat_of_account
from contacts.scoring.heat import default_model
from contacts.stages.choice import stages_in_use
from crm.kit import clock, figures
from crm.kit.paging import BadCursor
from crm.team.permissions import allowed, reader

ORDERS_SHOWN = 10


@allowed("contact.view")
@require_GET
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one account."""
    return _page(request, get_object_or_404(Account.objects.select_related("owner", "parent"), pk=account_id))


def _page(request: HttpRequest, row: Account, *, status: int = 200, **more: Any) -> HttpResponse:
    user, query = reader(request), request.GET
    people = account_queries.people_of(row, user)
    model, now = default_model(), clock.now()
    role, cursor, roles = query.get("role", ""), query.get("cursor", ""), list(AccountRole.objects.all())
    try:
        members = account_queries.members_page(people, roles, model, role=role, cursor=cursor, now=now)
    except (BadCursor, BadFilter) as error:
        raise BadRequest(_("This page of the list does not exist.")) from error
    past = account_past(request, row)
    known = len(past["names"])
    total = known if known < account_queries.TIMELINE_PEOPLE else people.count()
    context = {
        "account": row,
        "above": account_tree.above(row.pk) if row.parent_id else [],
        "below": account_tree.below(row.pk),
        "page": members,
        "total": ngettext("%(n)s person", "%(n)s people", total) % {"n": figures.count(total)},
        "heat": heat_of_account(people, model, now),
        "role": role,
        "roles": [(each.key, each.label) for each in roles],
        "facts": facts.of(row),
        "notes": note_queries.of_account(row.pk, user),
        "stages": stages_in_use(),
        "token": uuid4(),
        **past,
        **more,
    }
    return render(request, "contacts/account.html", context, status=status)


@allowed("contact.view")
@require_GET
def orders(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what the people of an account bought lately: a section of its page, and a page without htmx."""
    row = get_object_or_404(Account, pk=account_id)
    context = {"account": row, "orders": orders_page(reader(request), OrderChoice(account=row.pk)).rows[:ORDERS_SHOWN]}
    part = bool(request.headers.get("HX-Request"))
    return render(request, f"contacts/account_orders{'' if part else '_page'}.html", context)


@allowed("contact.edit")
@require_POST
def add_note(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write a note on the account, or with a stage an insight; a second post of the same form adds nothing."""
    row = get_object_or_404(Account, pk=account_id)
    raw = request.POST.get("stage", "")
    stage = next((each for each in stages_in_use() if str(each.pk) == raw), None)
    text, token = request.POST.get("text", ""), token_of(request.POST.get("token"))
    try:
        writing.add_to_account(row.pk, text, stage=stage, by=reader(request), now=clock.now(), token=token)
    except Invalid as error:
        return _page(request, row, status=400, note_typed=text, note_problem=str(error))
    return redirect(reverse("contacts:account", args=[row.pk]) + "#notes")
