"""The people list, and taking people out as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.acts.verb import VERBS
from contacts.attributes.models import Attribute
from contacts.consent.models import Channel, Decision, Purpose
from contacts.errors import ContactsError, Invalid, TooMany
from contacts.lists.models import FixedList, Tag
from contacts.people import export, filters, queries
from contacts.people.filters import BadFilter
from contacts.people.selection import LIMIT, Selection
from contacts.stages.choice import stages_in_use
from crm.kit import clock
from crm.kit.paging import BadCursor, Page
from crm.team.models import User
from crm.team.permissions import allowed, may, reader

_SHOWN_AS_CONTROLS = ("stage", "owner", "tag", "list", "consent")


@allowed("contact.view")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show the people the address asks for; 400 with what is wrong when it cannot be understood."""
    user, query = reader(request), request.GET
    try:
        total = queries.people_count(user, query)
        page = queries.people_page(user, query, found=total)
    except (BadFilter, BadCursor) as error:
        context = {"problem": str(error), "page": Page([], "", ""), "clear_url": reverse("contacts:people")}
        return render(request, "contacts/people.html", context, status=400)
    narrowed = filters.in_use(query)
    context = {
        "page": page,
        "counted": str(total),
        "total": total,
        "is_empty": not page.rows and not narrowed and not query.get("cursor"),
        "search": query.get("q", ""),
        "search_label": _("Name, e-mail, company or phone"),
        "only_seen": query.get("sort", "").lstrip("-") == "seen",
        "chips": filters.chips(query),
        "clear_url": reverse("contacts:people") if narrowed else "",
        "default_sort": queries.DEFAULT_SORT,
        "query": query.urlencode(),
        "narrowed": narrowed,
    }
    return render(request, "contacts/people.html", context | _controls(request))


def _controls(request: HttpRequest) -> dict[str, Any]:
    """Return what the filter bar offers; filters without a control ride along as hidden fields."""
    query = request.GET
    kept = [(key, value) for key, values in query.lists() for value in values if value and _rides_along(request, key)]
    return {
        "stages": [(str(stage.pk), stage.label) for stage in stages_in_use()],
        "owners": [(str(owner.pk), owner.name) for owner in User.objects.filter(is_active=True).order_by("name")],
        "tags": [(str(tag.pk), tag.name) for tag in Tag.objects.all()[:200]],
        "lists": [(str(row.pk), row.name) for row in FixedList.objects.all()[:200]],
        "consents": _consent_choices(),
        "verbs": [verb for verb in VERBS if may(reader(request), verb.action)],
        "chosen": {key: query.get(key, "") for key in _SHOWN_AS_CONTROLS},
        "kept": kept,
    }


def _rides_along(request: HttpRequest, key: str) -> bool:
    several = len(request.GET.getlist(key)) > 1
    return key not in ("q", "cursor") and (key not in _SHOWN_AS_CONTROLS or several)


def _consent_choices() -> list[tuple[str, str]]:
    base = f"{Purpose.MARKETING.value}.{Channel.EMAIL.value}."
    return [
        (base + Decision.GRANTED.value, _("Agreed to mails")),
        (base + "unknown", _("Consent unknown")),
        (base + Decision.WITHDRAWN.value, _("Refused mails")),
    ]


@allowed("contact.export")
@require_http_methods(["GET", "POST"])
def take_out(request: HttpRequest) -> HttpResponse:
    """Ask for a reason (GET, with the query string of the list), then send the CSV file (POST)."""
    user = reader(request)
    selection = Selection.posted(request.POST) if request.method == "POST" else Selection(query=request.GET.urlencode())
    error = ""
    try:
        total = queries.counted(selection.people(user), LIMIT)
        if not total.exact:
            return _refused(request, TooMany(LIMIT))
        if request.method == "POST":
            return _file(selection, request.POST.get("reason", ""), user)
    except BadFilter as problem:
        return _refused(request, problem)
    except Invalid as problem:
        error = problem.errors["reason"]
    context = {
        "total": total,
        "query": selection.query,
        "ids": selection.ids,
        "chips": filters.chips(request.GET),
        "error": error,
        "columns": Attribute.objects.filter(target="contact").count(),
    }
    return render(request, "contacts/people_export.html", context, status=400 if error else 200)


def _refused(request: HttpRequest, problem: ContactsError) -> HttpResponse:
    return render(request, "contacts/people_export.html", {"problem": str(problem)}, status=400)


def _file(selection: Selection, reason: str, user: User) -> HttpResponse:
    now = clock.now()
    export.noted(selection, reason, by=user, now=now)
    body = "".join(export.lines(selection.people(user)))
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    name = _("people-%(day)s.csv") % {"day": timezone.localtime(now).strftime("%Y-%m-%d")}
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
