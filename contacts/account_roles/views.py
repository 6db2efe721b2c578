"""Settings pages of the roles that people play in accounts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.account_roles import roles
from contacts.account_roles.models import AccountRole
from contacts.errors import Invalid
from contacts.people.posted import once
from contacts.people.views.door import token_of
from crm.team.permissions import allowed


@allowed("account.roles")
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Show all roles with how many people have each; a POST adds one, once."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        name, name_ko = request.POST.get("name", ""), request.POST.get("name_ko", "")
        try:
            once(token_of(request.POST.get("token")), lambda: roles.add(name, name_ko).pk)
        except Invalid as error:
            errors = error.errors
        else:
            return redirect("contacts:account-roles")
    used = roles.used()
    context = {
        "rows": [(role, used.get(role.key, 0)) for role in AccountRole.objects.all()],
        "errors": errors,
        "typed": request.POST,
        "token": request.POST.get("token") or token_of(None),
    }
    return render(request, "contacts/account_roles.html", context, status=400 if errors else 200)


@allowed("account.roles")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, role_id: int) -> HttpResponse:
    """Rename one role."""
    role = get_object_or_404(AccountRole, pk=role_id)
    title, errors = role.label, {}
    typed = {"name": role.name, "name_ko": role.name_ko}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            roles.rename(role, **typed)
        except Invalid as error:
            errors = error.errors
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:account-roles")
    context = {"role": role, "title": title, "errors": errors, "typed": typed, "used": roles.used().get(role.key, 0)}
    return render(request, "contacts/account_role.html", context, status=400 if errors else 200)


@allowed("account.roles")
@require_POST
def up(request: HttpRequest, role_id: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Put a role one place higher."""
    roles.move_up(get_object_or_404(AccountRole, pk=role_id))
    return redirect("contacts:account-roles")


@allowed("account.roles")
@require_POST
def delete(request: HttpRequest, role_id: int) -> HttpResponse:
    """Delete a role and take it from everyone."""
    role = get_object_or_404(AccountRole, pk=role_id)
    label = role.label
    roles.delete(role)
    messages.success(request, _("“%(label)s” is deleted.") % {"label": label})
    return redirect("contacts:account-roles")
