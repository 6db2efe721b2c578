"""The page "New journey": an empty drawing, or a ready journey with what it needs to be told. Guarded by admin.py."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.errors import Invalid
from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor.forms import NameForm
from journeys.editor.starting import StartForm
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.starters.beginning import begin
from journeys.starters.catalogue import available, stages_of
from journeys.starters.starter import Starter

Context = dict[str, Any]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, context: Context) -> HttpResponse:
    """Show the ready journeys; with ?from=KEY ask what that one needs, with ?from= (empty) for a name; then make it."""
    wanted = request.GET.get("from")
    starter = _starter(wanted) if wanted else None
    form: NameForm | None = None
    if starter is not None:
        form = StartForm(starter, request.POST or None)
    elif wanted is not None or request.method == "POST":
        form = NameForm(request.POST or None)
    if form is not None and request.method == "POST" and form.is_valid() and (made := _made(request, form)):
        return redirect("admin:journeys_journey_change", made.pk)
    return _shown(request, context, form, starter)


def _made(request: HttpRequest, form: NameForm) -> Journey | None:
    """Return the journey that the form asks for; None where it cannot be made, which the form then says."""
    by = reader(request)
    try:
        if isinstance(form, StartForm):
            return begin(form.starter, form.wishes(), by=by, now=now())
        return editing.create(form.cleaned_data["name"], form.cleaned_data["description"], by=by, now=now())
    except Invalid as error:
        for field, message in error.errors.items():
            form.add_error(field if field in form.fields else None, message)
        return None


def _shown(request: HttpRequest, context: Context, form: NameForm | None, starter: Starter | None) -> HttpResponse:
    shown: Context = {"form": form, "starter": starter, "title": starter.name if starter else _("New journey")}
    if form is None:
        shown["cards"] = [{"starter": one, "stages": stages_of(one)} for one in available()]
    elif starter is not None:
        shown |= {"stages": stages_of(starter), "mails": len(starter.mails)}
    status = 400 if form is not None and form.errors else 200
    return TemplateResponse(request, "journeys/editor/new.html", context | shown, status=status)


def _starter(key: str) -> Starter:
    for starter in available():
        if starter.key == key:
            return starter
    raise Http404(key)
