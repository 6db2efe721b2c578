"""Pages of imports that are fetched from an address: set one up, switch it on and off, delete it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.imports import sources
from contacts.imports.errors import ImportProblem
from contacts.imports.models import Every, ImportJob, ImportSource
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action, allowed


class RepeatForm(forms.Form):
    """Where the file stands and how often it is fetched; the header's value is never shown again."""

    url = forms.CharField(
        label=gettext_lazy("Address of the file"), max_length=2_000, widget=forms.URLInput,
        help_text=gettext_lazy("https, no redirect, at most 200 MB. A file that has not changed is not read again."),
    )  # fmt: skip
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=Every.choices, initial=Every.DAY)
    header_name = forms.CharField(label=gettext_lazy("Name of a header"), max_length=80, required=False)
    header_value = forms.CharField(
        label=gettext_lazy("Its secret value"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("If the other side asks for a key: for example Authorization and Bearer …"),
    )  # fmt: skip


@require_safe
@allowed(Action.CONTACT_IMPORT)
def source_list(request: HttpRequest) -> HttpResponse:
    """Show the addresses from which files are fetched."""
    rows = ImportSource.objects.select_related("created_by")[:200]
    return render(request, "contacts/import_sources.html", {"sources": rows})


@require_http_methods(["GET", "POST"])
@allowed(Action.CONTACT_IMPORT)
def repeat(request: HttpRequest, import_id: int) -> HttpResponse:
    """Repeat a finished import from an address."""
    job = get_object_or_404(ImportJob, pk=import_id)
    form = RepeatForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        try:
            sources.repeat(job, request.user, now=clock.now(), **form.cleaned_data)
        except ImportProblem as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The file is fetched from now on."))
            return redirect("contacts:import_sources")
    return render(
        request, "contacts/import_repeat.html", {"job": job, "form": form}, status=422 if form.errors else 200
    )


@require_POST
@allowed(Action.CONTACT_IMPORT)
def act(request: HttpRequest, source_id: int, verb: str) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Switch an address on or off, or delete it; what was imported stays."""
    source = get_object_or_404(ImportSource, pk=source_id)
    if verb == "delete":
        source.delete()
    else:
        sources.switch(source, on=verb == "start", now=clock.now())
    return redirect("contacts:import_sources")
