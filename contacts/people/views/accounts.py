"""Companies: list, page, adding and editing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.errors import Invalid, StaleEdit
from contacts.people import accounts, company, queries
from contacts.people.forms import AccountForm
from contacts.people.models import Account, Contact
from contacts.people.posted import once
from contacts.people.views.door import token_of
from contacts.people.views.person import timeline_context
from crm.kit import clock
from crm.kit.paging import BadCursor
from crm.team.permissions import allowed, reader

PEOPLE_SHOWN = 100


@allowed("contact.view")
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Show the accounts by name."""
    typed = request.GET.get("q", "")
    mine = reader(request) if request.GET.get("owner") == "me" else None
    try:
        page = queries.accounts_page(reader(request), typed, request.GET.get("cursor", ""), owner=mine)
    except BadCursor as error:
        raise Http404 from error
    context = {
        "page": page,
        "search": typed,
        "search_label": _("Name or web domain"),
        "is_empty": not page.rows and not typed and not mine,
        "clear_url": reverse("contacts:accounts") if typed or mine else "",
        "mine": mine is not None,
    }
    return render(request, "contacts/accounts.html", context)


@allowed("contact.view")
@require_GET
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one account: profile, its people, and what happened to them."""
    row = get_object_or_404(Account.objects.select_related("owner"), pk=account_id)
    mine = Contact.objects.visible_to(reader(request)).filter(account=row)
    people = list(queries.with_rows(mine).order_by("sort_key", "pk")[:PEOPLE_SHOWN])
    attributes = Attribute.objects.filter(target=Target.ACCOUNT)
    facts = [
        (_("Business registration number"), company.shown_business_number(row.business_number)),
        (_("Web domain"), row.domain),
        (_("Industry"), row.industry),
        (_("Employees"), row.employees),
        (_("City"), row.city),
        (_("Owner"), row.owner.name if row.owner else ""),
        *((a.label, values.shown(a, row.attributes.get(a.key))) for a in attributes),
    ]
    context: dict[str, Any] = {
        "account": row,
        "people": people,
        "total": ngettext("%(n)d person", "%(n)d people", len(people)) % {"n": len(people)},
        "facts": facts,
    }
    names = {person.pk: person.display_name for person in people}
    return render(request, "contacts/account.html", context | timeline_context(request, list(names), names))


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an account; the same form posted twice adds one."""
    form = AccountForm(request.POST or None)
    if request.method == "GET":
        return render(request, "contacts/account_form.html", {"form": form})
    if form.is_valid():
        try:
            token = token_of(form.cleaned_data["token"])
            made, _first = once(token, lambda: accounts.create(form.profile(), now=clock.now()).pk)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("contacts:account", made)
    return render(request, "contacts/account_form.html", {"form": form}, status=400)


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Edit an account; a stale edit is told and overwrites nothing."""
    row = get_object_or_404(Account, pk=account_id)
    if request.method == "GET":
        return render(request, "contacts/account_form.html", {"form": AccountForm.of(row), "account": row})
    form, context = AccountForm(request.POST), {"account": row}
    if form.is_valid():
        try:
            accounts.update(row.pk, form.profile(), version=form.cleaned_data["version"] or 0, now=clock.now())
        except StaleEdit as stale:
            return _stale(request, Account.objects.get(pk=row.pk), form, str(stale))
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:account", row.pk)
    return render(request, "contacts/account_form.html", {"form": form, **context}, status=400)


def _stale(request: HttpRequest, current: Account, form: AccountForm, problem: str) -> HttpResponse:
    context = {"account": current, "form": form, "problem": problem, "differing": form.against(AccountForm.of(current))}
    form.read_anew(current.version)
    return render(request, "contacts/account_form.html", context, status=409)
