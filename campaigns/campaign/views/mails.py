"""One mail as a person got it, for colleagues who may see that person. Nothing in it counts, or acts for her."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from campaigns.campaign.causes import cause_of
from campaigns.rendering.whole import MailGone, Sample, copy_of
from campaigns.sending.models import Message
from campaigns.sending.queries import handed_over_at, state_of
from campaigns.templating.answers import MAIL_POLICY
from campaigns.templating.errors import TemplateError
from contacts.people.models import Contact
from contacts.people.queries import survivor_of
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader


def _found(request: HttpRequest, message_id: int) -> tuple[Message, Contact]:
    """Return the message and its person. Raises Http404 where the reader may not see either."""
    message = get_object_or_404(Message.objects.select_related("dispatch__campaign"), pk=message_id)
    return message, get_object_or_404(
        Contact.objects.visible_to(reader(request)), pk=survivor_of(message.contact_id) or 0
    )


def _copy(message: Message) -> Sample | None:
    """Return the mail; None when none was made, or its template cannot be read any more."""
    if message.left_out:
        return None
    try:
        return copy_of(message.pk, clock.now())
    except (MailGone, TemplateError):
        return None


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def mail(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show a mail with what became of it."""
    message, contact = _found(request, message_id)
    context = {
        "message": message,
        "contact": contact,
        "campaign": message.dispatch.campaign,
        "cause": cause_of(message),
        "copy": _copy(message),
        "state": _("Left out: %(why)s") % {"why": message.get_left_out_display()}
        if message.left_out
        else state_of(message).label,
        "handed_over_at": handed_over_at(message),
    }
    return render(request, "campaigns/mail.html", context)


@require_safe
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
@allowed(Action.CAMPAIGN_VIEW)
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    """Answer with the mail's HTML, for the frame."""
    message, _contact = _found(request, message_id)
    copy = _copy(message)
    if copy is None:
        raise Http404
    return HttpResponse(f'<base target="_blank">{copy.html}')
