"""The pages of the trail: everything for admins, as CSV too, and the history of one object for whoever may see it."""

import csv
from collections.abc import Iterable, Iterator
from itertools import batched
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from crm.kit.text import neutral
from crm.team.models import TrailEntry, User
from crm.team.permissions import Action, allowed, may, reader
from crm.team.trail import queries, reading, words
from crm.team.trail.kinds import KINDS, find
from crm.team.trail.queries import Wanted


class FilterForm(forms.Form):
    """What to show; everything may be left out."""

    q = forms.CharField(max_length=200, required=False)
    by = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    kind = forms.ChoiceField(required=False)
    verb = forms.ChoiceField(required=False)
    since = forms.DateField(
        label=gettext_lazy("Since the day"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Until the day"), required=False, widget=forms.DateInput({"type": "date"})
    )
    object = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET)
        choices = {
            "by": [(str(user.pk), user.name) for user in queries.actors()],
            "kind": sorted(((kind.key, str(kind.label)) for kind in KINDS), key=lambda pair: pair[1]),
            "verb": [(key, str(label)) for key, label in words.VERBS.items()],
        }
        for name, options in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", ""), *options]

    def wanted(self) -> Wanted:
        """Return the filters; a wrong one filters nothing and is shown as wrong."""
        self.is_valid()
        said = self.cleaned_data
        names = {"by": "by", "kind": "kind", "verb": "verb", "since": "since", "until": "until", "object": "object_id"}
        given = {to: said[name] for name, to in names.items() if said.get(name) not in (None, "")}
        return Wanted(**given, text=str(said.get("q", "")).replace("\0", "").strip())


@allowed(Action.TRAIL_VIEW)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """Show who did what, the newest first. A filter that cannot be read is a 400 that says which."""
    form = FilterForm(request)
    wanted = form.wanted()
    page = queries.page(wanted, request.GET.get("cursor", ""))
    filters = {key: value for key, value in request.GET.items() if value and key != "cursor"}
    context = {
        "form": form,
        "page": page,
        "lines": reading.lines(page.rows, reader(request)),
        "search": wanted.text,
        "search_label": _("Name of what was changed"),
        "clear_url": reverse("team:trail") if filters else "",
        "is_empty": not filters and not page.rows,
        "csv_url": reverse("team:trail-csv") + (f"?{urlencode(filters)}" if filters else ""),
    }
    return render(request, "team/trail/trail.html", context, status=400 if form.errors else 200)


@allowed(Action.TRAIL_VIEW)
@require_GET
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Return the filtered entries as CSV with a byte order mark, at most CSV_MOST."""
    rows = _csv(queries.every(FilterForm(request).wanted()), reader(request))
    headers = {"Content-Disposition": 'attachment; filename="trail.csv"'}
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


class _Echo:
    def write(self, text: str) -> str:
        return text


def _csv(entries: Iterable[TrailEntry], user: User) -> Iterator[str]:
    writer = csv.writer(_Echo())
    head = [
        _("Time (UTC)"),
        _("Who"),
        _("Where from"),
        _("Network"),
        _("What was done"),
        _("Kind"),
        _("Number"),
        _("Name"),
    ]
    yield "\ufeff" + writer.writerow([*head, _("Field"), _("Before"), _("After")])
    for some in batched(entries, 500, strict=False):
        for line in reading.lines(some, user):
            entry = line.entry
            what = [
                entry.at.isoformat(timespec="seconds"), line.who, entry.get_door_display(), entry.network,
                f"{line.verb} {line.part}".strip(), line.thing, str(entry.object_id or ""), line.label,
            ]  # fmt: skip
            for change in line.changes or [reading.Change("", "", "")]:
                cells = [*what, change.field, change.before, change.after]
                yield writer.writerow([neutral(cell) for cell in cells])


@require_GET
def of_object(request: HttpRequest, kind: str, object_id: int | None = None) -> HttpResponse:
    """Show what happened to one object, as a page or as the part that its own page asks for."""
    user = reader(request)
    of = find(kind)
    if of is None or not (of.readable(user, object_id) if object_id is not None else may(user, of.action)):
        raise Http404
    page = queries.of_object(kind, object_id, request.GET.get("cursor", ""))
    context = {"page": page, "lines": reading.lines(page.rows, user), "kind": of, "url": of.url(object_id)}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "team/trail/part.html" if part else "team/trail/of_object.html", context)
