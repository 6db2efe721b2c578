"""The people list."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.acts.verb import VERBS
from contacts.consent.models import Channel, Decision, Purpose
from contacts.everybody import TooSlow
from contacts.lists.models import FixedList, Tag
from contacts.people import columns as columns_of
from contacts.people import filters, queries
from contacts.people.filters import BadFilter
from contacts.stages.choice import stages_in_use
from crm.kit.paging import BadCursor, Page
from crm.team.models import User
from crm.team.permissions import allowed, may, reader
from crm.team.saved_views import bar

PAGE = "people"  # of its saved views
_SHOWN_AS_CONTROLS = ("stage", "owner", "tag", "list", "consent")


@allowed("contact.view")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show the people the address asks for; 400 with what is wrong when it cannot be understood."""
    user, query = reader(request), request.GET
    if (view := bar.opened(request, PAGE)) is not None:
        return view
    try:
        total = queries.people_count(user, query)
        page = queries.people_page(user, query, found=total)
    except (BadFilter, BadCursor) as error:
        context = {"problem": str(error), "page": Page([], "", ""), "clear_url": reverse("contacts:people")}
        context["bar"] = bar.bar(request, PAGE, gone)
        return render(request, "contacts/people.html", context, status=400)
    narrowed = filters.in_use(query)
    context = {
        "page": page,
        "counted": str(total),
        "total": total,
        "is_empty": not page.rows and not narrowed and not query.get("cursor"),
        "search": query.get("q", ""),
        "search_label": _("Name, e-mail, company or phone"),
        "leaves_out": queries.leaves_out(query),
        "chips": filters.chips(query),
        "clear_url": f"{reverse('contacts:people')}?view={bar.EVERYTHING}" if narrowed else "",
        "default_sort": queries.DEFAULT_SORT,
        "query": query.urlencode(),
        "narrowed": narrowed,
        "bar": bar.bar(request, PAGE, gone),
    }
    return render(request, "contacts/people.html", context | _controls(request))


@allowed("contact.view")
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """Say how many people the address asks for, however many; "more than" where counting them takes too long."""
    user, query = reader(request), request.GET
    try:
        total = queries.everybody_counted(user, query)
    except TooSlow:
        total = queries.people_count(user, query)
    except BadFilter as error:
        return HttpResponseBadRequest(str(error))
    return HttpResponse(str(total))


def _controls(request: HttpRequest) -> dict[str, Any]:
    """Return what the filter bar offers; filters without a control ride along as hidden fields."""
    query = request.GET
    kept = [(key, value) for key, values in query.lists() for value in values if value and _rides_along(request, key)]
    columns = columns_of.chosen(query)
    return {
        "columns": columns.columns,
        "other_columns": columns.others,
        "kept_beside_columns": [(key, value) for key, value in _pairs(query) if key not in ("columns", "cursor")],
        "stages": [(str(stage.pk), stage.label) for stage in stages_in_use()],
        "owners": [(str(owner.pk), owner.name) for owner in User.objects.filter(is_active=True).order_by("name")],
        "tags": [(str(tag.pk), tag.name) for tag in Tag.objects.all()[:200]],
        "lists": [(str(row.pk), row.name) for row in FixedList.objects.all()[:200]],
        "consents": _consent_choices(),
        "verbs": [verb for verb in VERBS if may(reader(request), verb.action)],
        "chosen": {key: query.get(key, "") for key in _SHOWN_AS_CONTROLS},
        "kept": kept,
    }


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(key, value) for key, values in query.lists() for value in values if value]


def gone(query: QueryDict) -> list[str]:
    """Return a sentence for each column and filter of a view whose object was deleted since."""
    lost = [chip.label for chip in filters.chips(query) if chip.label.endswith(f": {_('deleted')}")]
    return columns_of.gone(query) + [
        _("What is asked for does not exist any more: %(filter)s.") % {"filter": label} for label in lost
    ]


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
