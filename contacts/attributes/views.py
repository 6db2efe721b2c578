"""Settings pages of custom attributes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.attributes import definition, sorting, uses, values
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.errors import Invalid
from contacts.people.posted import once
from contacts.people.views.door import token_of
from crm.kit import clock
from crm.team.permissions import allowed


@allowed("attribute.edit")
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Show all attributes; a POST defines one, once."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        post = request.POST
        try:
            once(token_of(post.get("token")), lambda: _define(post))
        except Invalid as error:
            errors = error.errors
        else:
            return redirect("contacts:attributes")
    context = {
        "groups": [(target.label, list(Attribute.objects.filter(target=target))) for target in Target],
        "targets": Target.choices,
        "types": AttributeType.choices,
        "errors": errors,
        "typed": request.POST,
        "token": request.POST.get("token") or token_of(None),
    }
    return render(request, "contacts/attributes.html", context, status=400 if errors else 200)


def _define(post: QueryDict) -> int:
    target, label, kind = (post.get(name, "") for name in ("target", "label", "type"))
    return definition.define(target, label, kind, post.get("choices", "").splitlines()).pk


@allowed("attribute.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, attribute_id: int) -> HttpResponse:
    """Change label and choices of one attribute."""
    row = get_object_or_404(Attribute, pk=attribute_id)
    errors: dict[str, str] = {}
    typed = {"label": row.label, "choices": "\n".join(row.choices)}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            definition.change(row, typed["label"], typed["choices"].splitlines())
        except Invalid as error:
            errors = error.errors
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:attributes")
    context = {
        "attribute": row,
        "errors": errors,
        "typed": typed,
        "has_choices": row.type in (AttributeType.CHOICE, AttributeType.CHOICES),
        "used": definition.in_use(row),
        "values": [(values.shown(row, value), n) for value, n in definition.values_in_use(row)],
        "uses": uses.of(row),
        "may_sort": row.target == Target.CONTACT and row.type in sorting.TYPES and not row.retired_at,
    }
    return render(request, "contacts/attribute.html", context, status=400 if errors else 200)


@allowed("attribute.edit")
@require_POST
def retire(request: HttpRequest, attribute_id: int) -> HttpResponse:
    """Hide an attribute everywhere, or (`back`) show it again; its values stay."""
    row = get_object_or_404(Attribute, pk=attribute_id)
    if request.POST.get("back"):
        definition.bring_back(row)
    else:
        definition.retire(row, now=clock.now())
    return redirect("contacts:attribute", row.pk)


@allowed("attribute.edit")
@require_POST
def sort(request: HttpRequest, attribute_id: int) -> HttpResponse:
    """Have the list of people sorted by it, or (`off`) no more."""
    row = get_object_or_404(Attribute, pk=attribute_id)
    try:
        if request.POST.get("off"):
            sorting.give_up(row)
        else:
            sorting.ask(row, now=clock.now())
    except Invalid as problem:
        messages.error(request, str(problem))
    return redirect("contacts:attribute", row.pk)


@allowed("attribute.edit")
@require_POST
def delete(request: HttpRequest, attribute_id: int) -> HttpResponse:
    """Delete an attribute with all its values."""
    row = get_object_or_404(Attribute, pk=attribute_id)
    definition.delete(row)
    messages.success(request, _("“%(label)s” is deleted.") % {"label": row.label})
    return redirect("contacts:attributes")
