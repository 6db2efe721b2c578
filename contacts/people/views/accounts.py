"""Companies: list, adding and editing. The page of one: account_page.py."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contacts.errors import Invalid, StaleEdit
from contacts.people import account_heat, account_queries, accounts
from contacts.people.filters import BadFilter
from contacts.people.forms import AccountForm
from contacts.people.industry import industry_name
from contacts.people.models import Account
from contacts.people.posted import once
from contacts.people.views.door import token_of
from contacts.scoring.heat import Warmth, default_model
from crm.kit import clock, locking
from crm.kit.paging import BadCursor, Page
from crm.team.models import User
from crm.team.permissions import allowed, reader

_FILTERS = ("owner", "industry", "city", "renewal")
RENEWAL_DAYS = (30, 60, 90, 180)


@allowed("contact.view")
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Show the accounts the address asks for; 400 with what is wrong when it cannot be understood."""
    query, problem = request.GET, ""
    page: Page[Account] = Page([], "", "")
    try:
        page = account_queries.accounts_page(reader(request), query, now=clock.now())
    except (BadCursor, BadFilter) as error:
        problem = str(error)
    model, now = default_model(), clock.now()
    for row in page.rows:
        row.warmth = Warmth.at(row.heat_total, model, now)  # type: ignore[attr-defined]
    narrowed = any(query.get(key) for key in ("q", *_FILTERS))
    context = {
        "page": page,
        "problem": problem,
        "search": query.get("q", ""),
        "search_label": _("Name or web domain"),
        "is_empty": not page.rows and not narrowed and not problem and not query.get("cursor"),
        "clear_url": reverse("contacts:accounts") if narrowed else "",
        "default_sort": account_queries.DEFAULT_SORT,
        "owners": [(str(user.pk), user.name) for user in User.objects.filter(is_active=True).order_by("name")],
        "industries": account_queries.choices_of("industry", industry_name),
        "cities": account_queries.choices_of("city"),
        "renewals": [(str(days), _ends_within(days)) for days in RENEWAL_DAYS],
        "chosen": {key: query.get(key, "") for key in _FILTERS},
        "sort": query.get("sort", ""),
        "sorts_by_heat": account_heat.serves(model, account_heat.WARMEST),
    }
    return render(request, "contacts/accounts.html", context, status=400 if problem else 200)


def _ends_within(days: int) -> str:
    return ngettext("Contract ends within %(n)d day", "Contract ends within %(n)d days", days) % {"n": days}


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an account; the same form posted twice adds one."""
    form = AccountForm(request.POST or None)
    if request.method == "GET":
        return _form(request, form)
    if form.is_valid():
        try:
            token = token_of(form.cleaned_data["token"])
            made, _first = once(token, lambda: accounts.create(form.profile(), now=clock.now()).pk)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("contacts:account", made)
    return _form(request, form, status=400)


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Edit an account. A stale edit leads to the choice between what is stored and what was typed."""
    row = get_object_or_404(Account, pk=account_id)
    if request.method == "GET":
        return _form(request, AccountForm.of(row), account=row)
    posted = locking.chosen(request.POST)
    form = AccountForm(posted)
    if "further" in posted:
        return _form(request, form, account=row)
    if form.is_valid():
        try:
            accounts.update(row.pk, form.profile(), version=form.at_version(), now=clock.now())
        except StaleEdit:
            return _stale(request, Account.objects.get(pk=row.pk), form)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:account", row.pk)
    return _form(request, form, status=400, account=row)


def _stale(request: HttpRequest, current: Account, form: AccountForm) -> HttpResponse:
    context = locking.merge_context(form, AccountForm.of(current), locking.chosen(request.POST), current.version)
    context |= {
        "heading": current.name,
        "action": reverse("contacts:account-edit", args=[current.pk]),
        "back": reverse("contacts:account", args=[current.pk]),
    }
    return render(request, "merge_edits.html", context, status=409)


def _form(request: HttpRequest, form: AccountForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, "names": account_queries.some_names(), **more}
    return render(request, "contacts/account_form.html", context, status=status)
