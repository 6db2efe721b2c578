"""The page of one account: its people, their activity, orders and companies below; and its fields, edited in place."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contacts.account_roles.models import AccountRole
from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.commerce.queries import OrderChoice, orders_page
from contacts.errors import Invalid, StaleEdit
from contacts.people import account_queries, account_tree, accounts, company
from contacts.people.country import country_name
from contacts.people.filters import BadFilter
from contacts.people.forms import PREFIX, AccountForm
from contacts.people.models import Account
from contacts.people.views.person import timeline_context
from contacts.scoring.accounts import heat_of_account
from contacts.scoring.heat import default_model
from crm.kit import clock, figures
from crm.kit.paging import BadCursor
from crm.team.permissions import allowed, reader

ORDERS_SHOWN = 10


@allowed("contact.view")
@require_GET
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one account."""
    user, query = reader(request), request.GET
    row = get_object_or_404(Account.objects.select_related("owner", "parent"), pk=account_id)
    people = account_queries.people_of(row, user)
    model, now = default_model(), clock.now()
    role, cursor, roles = query.get("role", ""), query.get("cursor", ""), list(AccountRole.objects.all())
    try:
        members = account_queries.members_page(people, roles, model, role=role, cursor=cursor, now=now)
    except (BadCursor, BadFilter) as error:
        raise BadRequest(_("This page of the list does not exist.")) from error
    total = people.count()
    context = {
        "account": row,
        "above": account_tree.above(row.pk) if row.parent_id else [],
        "below": account_tree.below(row.pk),
        "page": members,
        "total": ngettext("%(n)s person", "%(n)s people", total) % {"n": figures.count(total)},
        "heat": heat_of_account(people, model, now),
        "role": role,
        "roles": [(each.key, each.label) for each in roles],
        "orders": orders_page(user, OrderChoice(account=row.pk)).rows[:ORDERS_SHOWN],
        "facts": _facts(row),
    }
    return render(request, "contacts/account.html", context | _timeline(request, row))


def _timeline(request: HttpRequest, row: Account) -> dict[str, Any]:
    names = account_queries.names_of(account_queries.people_of(row, reader(request)))
    return timeline_context(request, list(names), names)


@allowed("contact.view")
@require_GET
def timeline(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the activity of an account's people alone: filtered by kind, or further back."""
    row = get_object_or_404(Account, pk=account_id)
    return render(request, "contacts/account_timeline.html", {"account": row, **_timeline(request, row)})


def _facts(row: Account) -> list[tuple[str, Any, Any]]:
    """Return (field, label, value) of all that is known, custom attributes last."""
    own: list[tuple[str, Any, Any]] = [
        ("business_number", _("Business registration number"), company.shown_business_number(row.business_number)),
        ("domain", _("Web domain"), row.domain),
        ("industry", _("Industry"), row.industry_label),
        ("employees", _("Employees"), row.employees if row.employees is None else figures.count(row.employees)),
        ("country", _("Country"), row.country and country_name(row.country)),
        ("city", _("City"), row.city),
        ("parent", _("Parent company"), row.parent.name if row.parent else ""),
        ("owner", _("Owner"), row.owner.name if row.owner else ""),
    ]
    attributes = Attribute.objects.filter(target=Target.ACCOUNT)
    return own + [(PREFIX + a.key, a.label, values.shown(a, row.attributes.get(a.key))) for a in attributes]


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, account_id: int, name: str) -> HttpResponse:
    """Edit one field in its place: its form alone (GET), and saving it (POST). What is wrong is told beside it."""
    row = get_object_or_404(Account.objects.select_related("owner", "parent"), pk=account_id)
    form = AccountForm.of(row)
    if name not in form.fields or form[name].is_hidden:
        raise Http404
    status = 200
    if request.method == "POST":
        form = AccountForm(_typed(request, form, name))
        if _saved(row, form, name):
            return redirect("contacts:account", row.pk)
        status = 400
    names = account_queries.some_names() if name == "parent" else []
    version = form["version"].value()
    context = {"account": row, "name": name, "field": form[name], "version": version, "names": names}
    return render(request, "contacts/account_field.html", context, status=status)


def _typed(request: HttpRequest, stored: AccountForm, name: str) -> Any:
    """Return the stored form's data with what was typed for one field."""
    data = request.POST.copy()
    for each in stored:
        if each.name not in (name, "version", "token"):
            value = each.value()
            data.setlist(each.html_name, value if isinstance(value, list) else ["" if value is None else str(value)])
    return data


def _saved(row: Account, form: AccountForm, name: str) -> bool:
    if not form.is_valid():
        return False
    try:
        accounts.update(row.pk, form.profile(), version=form.cleaned_data["version"] or 0, now=clock.now())
    except StaleEdit as stale:
        form.add_error(name, str(stale))
        form.read_anew(Account.objects.get(pk=row.pk).version)
    except Invalid as error:
        form.refuse(error)
    return not form.errors
