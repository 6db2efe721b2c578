"""A draft as one person would get it: for the preview pane and for the test mail to oneself."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from campaigns.senders.models import Sender
from campaigns.templating import fields
from campaigns.templating.compile import compile_variant
from campaigns.templating.content import Content
from campaigns.templating.errors import TemplateError
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.models import MailKind
from campaigns.templating.parts import Parts, parts
from contacts.people.models import Contact
from crm.kit.recipients import deliver
from crm.team.models import User

AD_MARK = "(광고) "
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")


@dataclass(frozen=True)
class Rendered:
    """One mail for one person; the subject as the inbox shows it."""

    subject: str
    preheader: str
    html: str
    text: str


def draft_parts(content: Content, kind: str, language: str) -> Parts:
    """Return the sources of one language of a draft. Raises TemplateError."""
    made = compile_variant(content, language, kind)
    return parts(content, {language: {"html": made.html, "text": made.text}}, language)


def rendered(content: Content, kind: str, language: str, contact: Contact | None) -> Rendered:
    """Return the mail as `contact` gets it, or with example values. Raises TemplateError with the place."""
    made = draft_parts(content, kind, language)
    values = _values([use.key for use in made.uses(fields.catalogue())], made.language, contact)
    out = {
        part: render(compile_source(source, part=part), values, part=part)
        for part, source in {
            "subject": made.subject,
            "preheader": made.preheader,
            "html": made.html,
            "text": made.text,
        }.items()
    }
    mark = AD_MARK if kind == MailKind.ADVERTISING else ""
    return Rendered(mark + out["subject"], out["preheader"], out["html"], out["text"])


def subject_line(source: str, language: str) -> str:
    """Return a subject as someone of whom nothing is known gets it; what cannot be rendered comes back as it is."""
    values = fields.nested((field.key, "") for field in fields.FIXED)
    for group in ("contact", "account"):
        values[group]["attributes"] = defaultdict(str)
    values["mail"] = {"language": language, "time_zone": settings.TIME_ZONE, "currency": settings.COMPANY_CURRENCY}
    try:
        return render(compile_source(source, part="subject"), values, part="subject")
    except TemplateError:
        return source


def _values(keys: list[str], language: str, contact: Contact | None) -> dict[str, Any]:
    values = fields.examples()
    if contact is not None:
        values = {key: value for key, value in values.items() if key not in ("contact", "account", "owner")}
        values |= fields.fetch([contact.pk], keys)[contact.pk]
    if sender := Sender.objects.order_by("-verified_at", "pk").first():
        values["sender"] = fields.sender_values(sender)
    here = dict.fromkeys(("unsubscribe_url", "view_url", "preferences_url"), settings.BASE_URL)
    zone = (contact.time_zone if contact else "") or settings.TIME_ZONE
    return values | here | {"mail": {"language": language, "time_zone": zone, "currency": settings.COMPANY_CURRENCY}}


def in_scheme(page: str, *, dark: bool) -> str:
    """Return the page as it looks in the dark or in the light, whatever the device of the viewer prefers."""

    def settle(found: re.Match[str]) -> str:
        return "(min-width: 0)" if (found.group(1) == "dark") == dark else "(max-width: 0)"

    return _SCHEME.sub(settle, page)


def send_test(mail: Rendered, to: User) -> None:
    """Send the mail to the user's own address. Raises what the mailer raises (OSError and its kin)."""
    message = EmailMultiAlternatives(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [to.email])
    message.attach_alternative(mail.html, "text/html")
    deliver(message)
