"""The public address of pictures in mails, and a mail template small for lists and forms."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from campaigns.templating import preview
from campaigns.templating.answers import MAIL_POLICY
from campaigns.templating.content import read_content
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import Asset, MailTemplate
from campaigns.templating.versions import current_version
from crm.team.permissions import Action, allowed


@login_not_required
@require_safe
def picture(request: HttpRequest, key: str) -> FileResponse:  # noqa: ARG001 - Django's signature
    """Serve one picture to everybody; its bytes never change, so it may be kept for a year."""
    asset = get_object_or_404(Asset, key=key)
    response = FileResponse(asset.file.open("rb"), content_type=asset.mime)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
@allowed(Action.TEMPLATE_VIEW)
def thumbnail(request: HttpRequest, template_id: int) -> HttpResponse:
    """Show the newest version (the draft where there is none) with example values, for a frame that is scaled down."""
    template = get_object_or_404(MailTemplate, pk=template_id)
    version = current_version(template)
    raw, kind = (version.content, version.kind) if version else (template.draft, template.kind)
    try:
        mail = preview.rendered(read_content(raw), kind, get_language() or settings.LANGUAGE_CODE, None)
    except TemplateError as error:
        return render(request, "campaigns/preview_fault.html", {"fault": error})
    response = HttpResponse(preview.in_scheme(mail.html, dark=False))
    response["Cache-Control"] = "private, max-age=60"
    return response
