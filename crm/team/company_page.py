"""The page on which an admin says what the company is called."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.kit import locking
from crm.kit.locking import Lockable, Thing
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.company import StaleCompany, company, describe
from crm.team.permissions import Action, allowed

_FIELDS = ("name", "postal_address", "phone")


class CompanyForm(Lockable):
    """Name, postal address and phone."""

    name = forms.CharField(
        label=gettext_lazy("Name of the company"),
        max_length=160,
        help_text=gettext_lazy("People read it where they are asked for consent, and as the sender of such mails."),
    )
    postal_address = forms.CharField(label=gettext_lazy("Postal address"), max_length=300, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, required=False)

    def clean(self) -> dict[str, Any]:
        """Bring the lines into normal form; line breaks and control characters are refused."""
        data = super().clean() or {}
        for name in _FIELDS:
            try:
                data[name] = clean_line(data.get(name) or "")
            except ForbiddenCharacter:
                self.add_error(name, _("Line breaks and control characters are not allowed here."))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.SETTINGS_EDIT)
def page(request: HttpRequest) -> HttpResponse:
    """Show the company; a POST changes it. Of two who save at once the second is told."""
    if request.method != "POST":
        return render(request, "team/company.html", {"form": _form()})
    form = CompanyForm(locking.chosen(request.POST))
    if not form.is_valid() or "further" in request.POST:
        return render(request, "team/company.html", {"form": form}, status=200 if form.is_valid() else 422)
    said = form.cleaned_data
    try:
        describe({name: said[name] for name in _FIELDS}, version=form.at_version())
    except StaleCompany:
        place = reverse("team:company")
        return locking.merge_page(request, form, _form(), Thing(_("Company"), company().version, place, place))
    messages.success(request, _("Saved."))
    return redirect("team:company")


def _form() -> CompanyForm:
    held = company()
    return CompanyForm(initial={name: getattr(held, name) for name in _FIELDS}).opened(held.version)
