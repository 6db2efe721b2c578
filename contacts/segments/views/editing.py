"""The builder: making and changing a segment."""

import json
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from contacts.errors import Invalid, StaleEdit
from contacts.people.posted import once
from contacts.segments import saving
from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.starters import STARTERS
from contacts.segments.views import telling
from contacts.segments.views.catalogue import catalogue
from contacts.segments.views.forms import EMPTY, SegmentForm
from contacts.segments.views.words import icons, words
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader


@allowed(Action.SEGMENT_EDIT)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Build a new segment, from nothing or a template (?template=key); posted twice it is made once."""
    if request.method == "GET":
        return _page(request, SegmentForm(initial=_begun(request.GET.get("template", ""))))
    form = SegmentForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    data = form.cleaned_data
    try:
        made, _first = once(data["token"] or uuid4(), lambda: _create(request, data))
    except (Invalid, BadRule) as error:
        return _refused(request, form, error)
    return redirect("contacts:segment", made)


def _create(request: HttpRequest, data: dict[str, Any]) -> int:
    return int(saving.create(_draft(data), by=reader(request), now=clock.now()).pk)


def _draft(data: dict[str, Any]) -> saving.Draft:
    return saving.Draft(data["name"], data["description"], data["definition"])


def _begun(template: str) -> dict[str, Any]:
    starter = STARTERS.get(template)
    if starter is None:
        return {"definition": EMPTY, "token": uuid4()}
    words_of = {"name": str(starter.name), "description": str(starter.description)}
    return {**words_of, "definition": json.dumps(starter.definition, ensure_ascii=False), "token": uuid4()}


@allowed(Action.SEGMENT_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Change a segment; a stale edit shows what the other one saved, and keeps what was written."""
    segment = get_object_or_404(Segment, pk=segment_id)
    if request.method == "GET":
        shown = {"name": segment.name, "description": segment.description, "version": segment.version}
        text = json.dumps(segment.definition, ensure_ascii=False)
        return _page(request, SegmentForm(initial={**shown, "definition": text}), segment)
    form = SegmentForm(request.POST)
    if not form.is_valid():
        return _page(request, form, segment, status=400)
    data = form.cleaned_data
    try:
        saving.save(segment.pk, data["version"] or 0, _draft(data), by=reader(request), now=clock.now())
    except StaleEdit as stale:
        return _stale(request, form, stale)
    except (Invalid, BadRule) as error:
        return _refused(request, form, error, segment)
    return redirect("contacts:segment", segment.pk)


def _stale(request: HttpRequest, form: SegmentForm, stale: StaleEdit) -> HttpResponse:
    segment = stale.current
    assert isinstance(segment, Segment)
    form.data = {**form.data.dict(), "version": str(segment.version)}  # type: ignore[attr-defined]  # a QueryDict
    theirs = {"stale": segment.versions.select_related("by").first(), **telling.of(segment.definition)}
    return _page(request, form, segment, status=409, **theirs)


def _refused(
    request: HttpRequest, form: SegmentForm, error: Invalid | BadRule, segment: Segment | None = None
) -> HttpResponse:
    if isinstance(error, BadRule):
        return _page(request, form, segment, status=400, problems=[str(problem) for problem in error.problems])
    for name, text in error.errors.items():
        form.add_error(name if name in form.fields else None, text)
    return _page(request, form, segment, status=400)


def _page(
    request: HttpRequest, form: SegmentForm, segment: Segment | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    others = Segment.objects.exclude(pk=segment.pk if segment else 0).order_by("name").only("name")
    context = {
        "form": form,
        "segment": segment,
        "others": others[:200],
        "catalogue": catalogue(),
        "words": words(),
        "icons": icons(),
        "dirty": form.is_bound,
    }
    return render(request, "contacts/segments/builder.html", context | more, status=status)
