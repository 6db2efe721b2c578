"""What the editor asks for while it is open: preview, checks, test mail, people, pictures. Guarded by admin.py."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from campaigns.templating import people, pictures, preview
from campaigns.templating.checks import Finding, check_draft
from campaigns.templating.content import read_content
from campaigns.templating.errors import TemplateError
from campaigns.templating.forms import PreviewForm
from crm.kit.clock import now
from crm.team.permissions import reader

Context = dict[str, Any]
MAIL_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "img-src": [CSP.SELF, "https:", "data:"],
    "style-src": [CSP.UNSAFE_INLINE],
    "font-src": ["https:"],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],  # links open beside; scripts never run
}


@require_POST
@csp_override(MAIL_POLICY)
def show(request: HttpRequest, context: Context) -> HttpResponse:  # noqa: ARG001 - a bare page
    """Return the mail in a page of its own: no script runs in it and it has no origin."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return render(request, "campaigns/preview_fault.html", {"fault": _("The preview did not arrive whole.")})
    asked = form.cleaned_data
    contact = people.one(reader(request), asked["contact"])
    try:
        mail = preview.rendered(read_content(asked["content"]), asked["kind"], asked["language"], contact)
    except TemplateError as error:
        return render(request, "campaigns/preview_fault.html", {"fault": error})
    if asked["view"] == "text":
        return render(request, "campaigns/preview_text.html", {"text": mail.text})
    page = preview.in_scheme(mail.html, dark=asked["view"] == "dark")
    return HttpResponse(page)


@require_POST
def examine(request: HttpRequest, context: Context) -> JsonResponse:  # noqa: ARG001 - answers data
    """Return what the checks find, the inbox line, and the text made of the mail, for the language shown."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"fault": _("The mail did not arrive whole. Try again.")}, status=400)
    asked = form.cleaned_data
    found = check_draft(asked["content"], asked["kind"])
    inbox = {"subject": "", "preheader": ""}
    try:
        content = read_content(asked["content"])
        mail = preview.rendered(
            content, asked["kind"], asked["language"], people.one(reader(request), asked["contact"])
        )
        inbox = {"subject": mail.subject, "preheader": mail.preheader}
        text = preview.draft_parts(content, asked["kind"], asked["language"]).text.split("-- \n", 1)[0].strip()
    except TemplateError:
        text = ""  # the findings say what is wrong
    return JsonResponse({"findings": [_finding(one) for one in found], "inbox": inbox, "text": text})


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "severity": one.severity.value,
        "label": one.severity.label,
        "message": one.message,
        "language": one.language,
        "part": one.part,
        "line": one.line,
        "block": one.block,
    }


@require_POST
def test_mail(request: HttpRequest, context: Context) -> JsonResponse:  # noqa: ARG001 - answers data
    """Send the mail as it stands to the user herself."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"fault": _("The mail did not arrive whole. Try again.")}, status=400)
    asked, user = form.cleaned_data, reader(request)
    try:
        content = read_content(asked["content"])
        mail = preview.rendered(content, asked["kind"], asked["language"], people.one(user, asked["contact"]))
        preview.send_test(mail, user)
    except TemplateError as error:
        return JsonResponse({"fault": str(error)}, status=400)
    except OSError as error:
        return JsonResponse({"fault": _("The mail server did not take it: %(why)s") % {"why": error}}, status=502)
    return JsonResponse({"done": _("Sent to %(address)s.") % {"address": user.email}})


@require_GET
def person_choices(request: HttpRequest, context: Context) -> JsonResponse:  # noqa: ARG001 - answers data
    """Return people to preview as."""
    found = people.find(reader(request), request.GET.get("q", "")[:80])
    return JsonResponse(
        {"people": [{"id": one.pk, "name": one.display_name, "note": one.company or one.email} for one in found]}
    )


@require_POST
def upload(request: HttpRequest, context: Context) -> JsonResponse:  # noqa: ARG001 - answers data
    """Keep an uploaded picture and say how a block names it."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"fault": _("No picture arrived. Choose it again.")}, status=400)
    try:
        asset = pictures.take(file, name=file.name or "", by=reader(request), now=now())
    except TemplateError as error:
        return JsonResponse({"fault": str(error)}, status=400)
    return JsonResponse({"src": f"asset:{asset.key}", "url": asset.path, "alt": asset.alt, "name": asset.name})
