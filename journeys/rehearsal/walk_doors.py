"""The editor's doors to a walk: one person's way as JSON, and her mails as she would get them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from campaigns.rendering.mails import DispatchMails
from campaigns.rendering.whole import NOBODY, Sample
from campaigns.senders.models import Sender
from campaigns.sending.eligibility import row_of
from campaigns.sending.models import Dispatch, LeftOut
from campaigns.templating.answers import MAIL_POLICY
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import MailTemplate
from campaigns.tracking.tokens import mail_token
from contacts.people.models import Contact
from crm.kit.clock import now
from crm.kit.figures import day_and_time
from crm.team.permissions import reader
from journeys.editor.bodies import posted, refused
from journeys.engine.models import End, Refused
from journeys.errors import BadGraph, PublishRefused
from journeys.graph.graph import Graph
from journeys.graph.parsing import parse
from journeys.journey.models import Journey
from journeys.rehearsal import asking, telling
from journeys.rehearsal.walking import Stop, Walk, walk, walker

Context = dict[str, Any]
INVENTED = "invented"


@require_POST
def walks(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - answered in JSON
    """Lead {"person": a number or "invented"} through {"graph"}; {"chosen"}: outlets to take, by step."""
    get_object_or_404(Journey, pk=number)
    asked, at = posted(request), now()
    chosen = asked.get("chosen")
    try:
        graph = asking.runnable(parse(asked.get("graph")))
    except (BadGraph, PublishRefused) as error:
        return refused(error.problems)
    try:
        with walker(_number(asked.get("person")), get_language() or "en", reader(request), at) as person:
            found = walk(graph, person.pk, _texts(chosen), at, journey_id=number)
            return JsonResponse(_told(graph, found, person, str(asked.get("person")), at))
    except Contact.DoesNotExist as error:
        raise Http404 from error


def _number(person: object) -> int | None:
    if person == INVENTED:
        return None
    if isinstance(person, int) and not isinstance(person, bool):
        return person
    raise Http404


def _texts(chosen: object) -> dict[str, str]:
    given = chosen if isinstance(chosen, dict) else {}
    return {key: value for key, value in given.items() if isinstance(key, str) and isinstance(value, str)}


def _told(graph: Graph, found: Walk, person: Contact, asked: str, at: datetime) -> dict[str, Any]:
    stops = [_stop(graph, stop, asked, at) for stop in found.stops]
    end = _("She waits here.") if found.waiting else str(End(found.ended).label)
    return {
        "name": str(person),
        "stops": stops,
        "refused": str(Refused(found.refused).label) if found.refused else "",
        "end": {"key": found.waiting, "said": end, "at": day_and_time(found.until), "after": _days(found.until, at)},
        "begins": day_and_time(at),
    }


def _stop(graph: Graph, stop: Stop, person: str, at: datetime) -> dict[str, Any]:
    step = graph.by_key[stop.key]
    outlets = telling.outlets_of(step)
    shown: dict[str, Any] = {
        "key": stop.key,
        "step": telling.name_of(step),
        "arrived": day_and_time(stop.arrived_at),
        "after": _days(stop.arrived_at, at),
        "outlet": stop.outlet,
        "outlets": [{"key": outlet.key, "label": str(outlet.label)} for outlet in outlets] if len(outlets) > 1 else [],
    }
    if stop.mail is not None:
        shown["left_out"] = str(LeftOut(stop.mail).label) if stop.mail else ""
        settings = {name: step.settings.get(name) or "" for name in ("template", "sender", "subject")}
        facts = {"step": step.name, "entered": at.isoformat()}
        shown["mail"] = settings | facts | {"person": person, "at": stop.arrived_at.isoformat()}
    return shown


def _days(moment: datetime, begins: datetime) -> float:
    """Return how many days after the beginning it is."""
    return round((moment - begins).total_seconds() / 86_400, 4)


@require_GET
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
def mail(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - a bare page
    """Show the mail of a stop, in a page that can do nothing; ?template, sender, subject, person, at."""
    journey = get_object_or_404(Journey, pk=number)
    asked = request.GET
    at = parse_datetime(asked.get("at", "")) or now()
    if at.tzinfo is None or not all(asked.get(name, "").isdecimal() for name in ("template", "sender")):
        raise Http404
    template = get_object_or_404(MailTemplate, pk=int(asked["template"][:18]))
    sender = get_object_or_404(Sender, pk=int(asked["sender"][:18]))
    subject = asked.get("subject", "")[:200]
    entered = parse_datetime(asked.get("entered", "")) or at
    given = {"name": journey.name, "step": asked.get("step", "")[:120], "entered_at": entered.isoformat()}
    person = asked.get("person", "")
    wanted = int(person[:18]) if person.isdecimal() else _number(person)
    try:
        with walker(wanted, get_language() or "en", reader(request), at) as contact:
            return HttpResponse(_sample(template, sender, contact, subject=subject, at=at, given=given).html)
    except Contact.DoesNotExist as error:
        raise Http404 from error
    except TemplateError as error:
        return render(request, "campaigns/preview_fault.html", {"fault": error})


def _sample(
    template: MailTemplate, sender: Sender, contact: Contact, *, subject: str, at: datetime, given: Mapping[str, Any]
) -> Sample:
    """Return the mail as she would get it then. Raises TemplateError, Http404 without a saved version."""
    version = template.versions.order_by("-number").first()
    if version is None:
        raise Http404
    dispatch = Dispatch(sender=sender, template_version=version, kind=version.kind, subject=subject, created_at=at)
    mails = DispatchMails(dispatch)
    row = row_of(mails, contact.pk, at, given=given)
    compiled = mails.compiled(row.recipient.language, tracked=False)
    return Sample.of(compiled.render(row.recipient, mail_token(*NOBODY), at))
