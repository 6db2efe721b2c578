"""The editor's door to a mail of a walk, as she would get it then, in a page that can do nothing."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from campaigns.rendering.mails import DispatchMails
from campaigns.rendering.whole import NOBODY, Sample
from campaigns.senders.models import Sender
from campaigns.sending.eligibility import row_of
from campaigns.sending.models import Dispatch
from campaigns.templating.answers import MAIL_POLICY
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import MailTemplate
from campaigns.tracking.tokens import mail_token
from contacts.people.models import Contact
from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.journey.models import Journey
from journeys.rehearsal.walking import walker

Context = dict[str, Any]
INVENTED = "invented"
_TOLD = ("order", "product", "form")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


@require_GET
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
def mail(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - a bare page
    """Show the mail of a stop: ?template, sender, subject, person, at, step, entered, and what brought her in.

    ?only=subject: its subject alone, as JSON.
    """
    journey = get_object_or_404(Journey, pk=number)
    asked = request.GET
    at = parse_datetime(asked.get("at", "")) or now()
    if at.tzinfo is None or not all(asked.get(name, "").isdecimal() for name in ("template", "sender")):
        raise Http404
    template = get_object_or_404(MailTemplate, pk=int(asked["template"][:18]))
    sender = get_object_or_404(Sender, pk=int(asked["sender"][:18]))
    try:
        with walker(_person(asked.get("person", "")), get_language() or "en", reader(request), at) as contact:
            given = _given(journey, asked, at)
            subject = asked.get("subject", "")[:200]
            sample = _sample(template, sender, contact, subject=subject, at=at, given=given)
    except Contact.DoesNotExist as error:
        raise Http404 from error
    except TemplateError as error:
        return render(request, "campaigns/preview_fault.html", {"fault": error})
    return JsonResponse({"subject": sample.subject}) if asked.get("only") == "subject" else HttpResponse(sample.html)


def _person(text: str) -> int | None:
    """Return the number of a person, None for the invented one. Raises Http404."""
    if text.isdecimal():
        return int(text[:18])
    if text != INVENTED:
        raise Http404
    return None


def _given(journey: Journey, asked: QueryDict, at: datetime) -> dict[str, Any]:
    """Return what the journey gives to the mail, as its step would (journeys/steps/occasion.py)."""
    facts: dict[str, Any] = {name: asked[name][:200] for name in _TOLD if asked.get(name)}
    amount = asked.get("value", "")
    if _AMOUNT.fullmatch(amount):
        facts["value"] = json.loads(amount)
    entered = parse_datetime(asked.get("entered", "")) or at
    own = {"name": journey.name, "step": asked.get("step", "")[:120], "entered_at": entered.isoformat()}
    return own | {"facts": facts}


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
