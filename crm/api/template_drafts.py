"""Mail templates, written: made, their draft saved by its version, saved for sending, an old version brought back."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from campaigns.templating import versions
from campaigns.templating.models import MailKind, MailTemplate
from campaigns.templating.versions import StaleTemplate
from crm.api.campaigns import DOOR
from crm.api.fields import Body, Choice, Free, Text, Whole
from crm.api.problems import stale
from crm.api.route import Asked
from crm.api.templates import WHERE, TemplateWhole, VersionShown, version, whole
from crm.team.permissions import Action

LONGEST_NAME = 120
LARGEST_NUMBER = 2**31 - 1
EXAMPLE = {
    "default": "en",
    "languages": {
        "en": {
            "subject": "Thanks for coming, {{ contact.name }}",
            "preheader": "",
            "kind": "html",
            "source": "<p>Dear {{ contact.name }}</p>",
        }
    },
}


class TemplateIn(Body):
    name = Text(max_length=LONGEST_NAME, allow_blank=False)
    kind = Choice(MailKind.values, required=False, help_text=_("Advertising unless given."))
    draft = Free(help_text=_("As docs/mails.md describes it."))


class TemplatePatch(Body):
    version = Whole(max_value=LARGEST_NUMBER, help_text=_("Of the draft that was read."))
    name = Text(max_length=LONGEST_NAME, allow_blank=False, required=False)
    kind = Choice(MailKind.values, required=False)
    draft = Free(required=False)


class OfDraft(Body):
    version = Whole(max_value=LARGEST_NUMBER, help_text=_("Of the draft that was read."))


@DOOR.post(
    "templates", Action.TEMPLATE_EDIT, _("Make a mail template"), takes=TemplateIn, gives=TemplateWhole, status=201,
    example={"name": "Thanks", "kind": "advertising", "draft": EXAMPLE},
    text=_("It is a draft: campaigns can send it once it was saved for sending."),
)  # fmt: skip
def make_template(asked: Asked) -> dict[str, Any]:
    """Make a template with a draft."""
    body = asked.body
    kind = MailKind(body.get("kind", MailKind.ADVERTISING))
    return whole(versions.create(body["name"], kind, body["draft"], by=asked.user, now=asked.now).pk)


@DOOR.patch(
    WHERE, Action.TEMPLATE_EDIT, _("Save a mail template's draft"), takes=TemplatePatch, gives=TemplateWhole,
    refuses=(409, 422), example={"version": 1, "draft": EXAMPLE},
    text=_("What campaigns send stays as it is until you save it for sending."),
)  # fmt: skip
def save_template(asked: Asked, template_id: int) -> dict[str, Any]:
    """Change what is given."""
    row, body = _at(template_id, asked.body["version"]), asked.body
    kind, draft = MailKind(body.get("kind", row.kind)), body.get("draft", row.draft)
    try:
        versions.save_draft(
            row, name=body.get("name", row.name), kind=kind, content=draft, by=asked.user, now=asked.now
        )
    except StaleTemplate:
        raise stale(whole(template_id)) from None
    return whole(template_id)


@DOOR.post(
    f"{WHERE}/versions", Action.TEMPLATE_EDIT, _("Save a mail template for sending"), takes=OfDraft,
    gives=VersionShown, status=201, example={"version": 1},
    text=_("Makes the next version of the draft; a draft that says the same as the newest makes none."),
)  # fmt: skip
def make_version(asked: Asked, template_id: int) -> dict[str, Any]:
    """Make a version of the draft that was read."""
    row = _at(template_id, asked.body["version"])
    return version(versions.make_version(row, by=asked.user, now=asked.now))


@DOOR.post(
    f"{WHERE}/versions/<row:number>/restore", Action.TEMPLATE_EDIT, _("Make an old version the draft again"),
    takes=OfDraft, gives=TemplateWhole, example={"version": 2},
)  # fmt: skip
def restore_version(asked: Asked, template_id: int, number: int) -> dict[str, Any]:
    """Put an old version's content into the draft; versions stay."""
    row = _at(template_id, asked.body["version"])
    get_object_or_404(row.versions, number=number)
    try:
        versions.restore(row, number, by=asked.user, now=asked.now)
    except StaleTemplate:
        raise stale(whole(template_id)) from None
    return whole(template_id)


def _at(template_id: int, number: int) -> MailTemplate:
    """Return the template as it stood at this version of its draft. Raises Http404, and Refusal when it is older."""
    row = get_object_or_404(MailTemplate, pk=template_id)
    if row.version != number:
        raise stale(whole(template_id))
    return row
