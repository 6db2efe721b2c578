"""A journey as a YAML file: downloaded, and taken from one after a look at what would change."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor.publication import place_of
from journeys.errors import BadGraph, JourneyError, Severity
from journeys.graph.differing import differences
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.graph.yaml_form import LONGEST, read, written
from journeys.journey import editing
from journeys.journey.checking import problems
from journeys.journey.models import Journey

Context = dict[str, Any]
MOST_SHOWN = 100


class YamlForm(forms.Form):
    """A drawing as YAML: a file, or pasted; `version` is the draft's when the change was shown."""

    file = forms.FileField(label=gettext_lazy("File"), required=False, max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Or paste it here"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        """Take the text from the file where one was chosen."""
        chosen = self.cleaned_data.get("file")
        if chosen is not None:
            try:
                self.cleaned_data["text"] = chosen.read(LONGEST * 4 + 1).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise ValidationError(_("The file is no text in UTF-8.")) from error
        if not self.cleaned_data.get("text", "").strip():
            raise ValidationError(_("Choose a file, or paste the YAML."))


@require_safe
def export(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - a file
    """Download the draft as YAML."""
    journey = get_object_or_404(Journey, pk=number)
    answer = HttpResponse(written(parse(journey.draft)), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(journey.name, safe='')}.yaml"
    return answer


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """Ask for YAML; show what would change; with `take` make it the draft, unless somebody was quicker."""
    journey = get_object_or_404(Journey, pk=number)
    if request.method == "GET":
        return _page(request, journey, context, YamlForm())
    form = YamlForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, journey, context, form, status=400)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        graph = read(text)
        if "take" in request.POST:
            editing.save_draft(number, graph.stored(), version=version or 0, by=reader(request), now=now())
            messages.success(request, _("The draft is now that of the file."))
            return redirect("admin:journeys_journey_change", number)
    except BadGraph as error:
        found = [str(problem) for problem in error.problems]
        shown = {"refused": found[:MOST_SHOWN], "more": len(found) - MOST_SHOWN}
        return _page(request, journey, context, form, status=400, **shown)
    except JourneyError as error:
        return _page(request, journey, context, form, status=409, fault=str(error), **_looked(journey, graph, text))
    return _page(request, journey, context, form, **_looked(journey, graph, text))


def _looked(journey: Journey, graph: Graph, text: str) -> dict[str, Any]:
    """Return what taking the drawing would change, and what is wrong with it."""
    try:
        before = parse(journey.draft)
    except BadGraph:
        before = EMPTY
    found = problems(graph)
    return {
        "looked": True,
        "changes": differences(before, graph)[:MOST_SHOWN],
        "errors": [(place_of(graph, one), one) for one in found if one.severity == Severity.ERROR][:MOST_SHOWN],
        "steps": len(graph.steps),
        "text": text,
        "version": Journey.objects.values_list("version", flat=True).get(pk=journey.pk),
    }


def _page(
    request: HttpRequest, journey: Journey, context: Context, form: YamlForm, *, status: int = 200, **shown: Any
) -> HttpResponse:
    shown |= {"journey": journey, "form": form, "title": _("%(name)s from YAML") % {"name": journey.name}}
    return TemplateResponse(request, "journeys/editor/import.html", context | shown, status=status)
