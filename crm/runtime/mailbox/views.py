"""Pages of the local mailbox: what was handed over on this machine, as its readers would see it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csp import csp_override

from crm.kit.paging import Page
from crm.runtime.mailbox import store
from crm.runtime.mailbox.store import Mail
from crm.team.permissions import Action, allowed

SIZE = 50
# A mail is a stranger's text: no script, no form, no cookie; links open outside of the frame, pictures load as they
# would in a mail program.
STRANGER: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "img-src": ["http:", "https:", "data:"],
    "style-src": [CSP.UNSAFE_INLINE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    "frame-ancestors": [CSP.SELF],
}


def _page(names: list[str], cursor: str) -> Page[Mail]:
    """Return the mails from the name `cursor` on (the newest without one); names are in falling order."""
    start = next((place for place, name in enumerate(names) if name <= cursor), len(names)) if cursor else 0
    shown = [mail for name in names[start : start + SIZE] if (mail := store.read(name))]
    following, before = names[start + SIZE : start + SIZE + 1], names[max(0, start - SIZE) : start]
    return Page(shown, "".join(following), before[0] if before else "")


def _found(name: str) -> Mail:
    mail = store.read(name)
    if mail is None:
        raise Http404(_("This mail is not in the mailbox."))
    return mail


@allowed(Action.MAILBOX_VIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first, found by sender, recipient or subject."""
    search = request.GET.get("q", "")
    names = store.matching(search)
    context = {
        "page": _page(names, request.GET.get("cursor", "")),
        "is_empty": not names and not search,
        "search": search,
        "search_label": _("Address or subject"),
        "counted": ngettext("%(n)d mail", "%(n)d mails", len(names)) % {"n": len(names)},
    }
    return render(request, "mailbox/inbox.html", context)


@allowed(Action.MAILBOX_VIEW)
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: as rendered, its plain text, or its headers."""
    found = _found(name)
    views = {"html": _("As it looks"), "text": _("Plain text"), "headers": _("Headers")}
    has_html = found.body("html") is not None
    shown = request.GET.get("view", "html" if has_html else "text")
    address = reverse("mailbox:mail", args=[name])
    tabs: list[dict[str, Any]] = [
        {"label": label, "url": f"{address}?view={key}", "current": key == shown}
        for key, label in views.items()
        if key != "html" or has_html
    ]
    context = {"mail": found, "shown": shown, "tabs": tabs, "text": found.body("plain"), "parts": found.parts()}
    return render(request, "mailbox/mail.html", context)


@allowed(Action.MAILBOX_VIEW)
@csp_override(STRANGER)
def html(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - every view takes it
    """Answer with the mail's HTML for the frame; its own pictures come from the `part` page."""
    found = _found(name)
    body = found.body("html") or ""
    for number, piece in enumerate(found.parts()):
        if label := str(piece.get("Content-ID", "")).strip("<> "):
            body = body.replace(f"cid:{label}", reverse("mailbox:part", args=[name, number]))
    return HttpResponse(f'<base target="_blank">{body}')


@allowed(Action.MAILBOX_VIEW)
def source(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """Answer with the mail as it came, to be saved as a file."""
    found = _found(name)
    content = (store.folder() / f"{found.name}.eml").read_bytes()
    return HttpResponse(
        content,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{found.name}.eml"'},
    )


@allowed(Action.MAILBOX_VIEW)
@csp_override(STRANGER)
def part(request: HttpRequest, name: str, number: int) -> HttpResponse:  # noqa: ARG001
    """Answer with an attachment or picture; only pictures are shown, the rest is saved."""
    parts = _found(name).parts()
    if number >= len(parts):
        raise Http404(_("This mail has no such attachment."))
    kind = parts[number].get_content_type()
    payload = parts[number].get_payload(decode=True)
    response = HttpResponse(payload if isinstance(payload, bytes) else b"", content_type=kind)
    if kind not in {"image/png", "image/jpeg", "image/gif", "image/webp"}:
        response.headers["Content-Disposition"] = "attachment"
    return response
