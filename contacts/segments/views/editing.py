"""The builder: making and changing a segment."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.errors import Invalid, StaleEdit
from contacts.people.posted import once
from contacts.segments import saving
from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.starters import STARTERS, Starter
from contacts.segments.views.catalogue import catalogue
from contacts.segments.views.forms import EMPTY, SegmentForm, as_text
from contacts.segments.views.words import icons, words
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed, reader


@allowed(Action.SEGMENT_EDIT)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Build a new segment: from nothing, a template (?template=key) or a copy (?copy=id); posted twice, made once."""
    if request.method == "GET":
        return _page(request, SegmentForm(initial={**_begun(request.GET), "token": uuid4()}))
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


def _begun(asked: QueryDict) -> dict[str, Any]:
    """Return what the form begins with."""
    begun: Starter | Segment | None = STARTERS.get(asked.get("template", ""))
    if raw := asked.get("copy", ""):
        number = int(raw) if raw.isdecimal() and raw.isascii() and len(raw) < 19 else 0
        begun = Segment.objects.audiences().filter(pk=number).first()
    if begun is None:
        return {"definition": EMPTY}
    name = _("Copy of %(name)s") % {"name": begun.label} if isinstance(begun, Segment) else str(begun.name)
    about = begun.about if isinstance(begun, Segment) else str(begun.description)
    return {"name": name[:120], "description": about, "definition": as_text(begun.definition)}


@allowed(Action.SEGMENT_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Change a segment; a stale edit leads to the choice between what the other one saved and what was written."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    if request.method == "GET":
        return _page(request, SegmentForm.of(segment), segment)
    form = SegmentForm(locking.chosen(request.POST))
    if not form.is_valid() or "further" in request.POST:
        return _page(request, form, segment, status=200 if form.is_valid() else 400)
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
    place, back = (reverse(f"contacts:{name}", args=[segment.pk]) for name in ("segment-edit", "segment"))
    thing = Thing(segment.label, segment.version, place, back)
    return locking.merge_page(request, form, SegmentForm.of(segment), thing)


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
    others = Segment.objects.audiences().exclude(pk=segment.pk if segment else 0).order_by("name").only("name")
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
