"""Mail templates: what stands in the draft, and every version that was saved for sending."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns.templating.models import MailKind, MailTemplate, TemplateVersion
from crm.api.campaigns import DOOR
from crm.api.fields import Body
from crm.api.route import Asked, Listing, Param
from crm.kit.paging import keyset_page
from crm.team.permissions import Action

WHERE = "templates/<row:template_id>"


class TemplateShown(Body):
    """A mail template."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(MailKind.values)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def _template(row: MailTemplate) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in ("name", "kind", "created_at", "updated_at")}}


@DOOR.get(
    "templates", Action.TEMPLATE_VIEW, _("List mail templates"), gives=TemplateShown, pages=True,
    query=(Param("q", _("Part of the name.")),),
)  # fmt: skip
def list_templates(asked: Asked) -> Listing:
    """Return templates, those made last first."""
    rows = MailTemplate.objects.defer("draft").filter(name__icontains=asked.text("q"))
    return Listing.of(keyset_page(rows, ("-created_at", "-id"), cursor=asked.cursor, size=asked.size), _template)


class TemplateWhole(TemplateShown):
    """A mail template with what its newest version says, by language."""

    version = serializers.IntegerField(help_text=_("Of the draft: a change names it."))
    newest = serializers.IntegerField(allow_null=True, help_text=_("Null: nothing was saved for sending yet."))
    subjects = serializers.DictField(child=serializers.CharField(allow_blank=True))
    draft = serializers.DictField(help_text=_("What is being worked on, as docs/mails.md describes it."))


@DOOR.get(WHERE, Action.TEMPLATE_VIEW, _("Read a mail template"), gives=TemplateWhole)
def read_template(asked: Asked, template_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one template."""
    return whole(template_id)


def whole(template_id: int) -> dict[str, Any]:
    """Return a template with its draft as JSON values. Raises Http404."""
    row = get_object_or_404(MailTemplate, pk=template_id)
    newest = row.versions.defer("compiled").order_by("-number").first()
    number, subjects = (newest.number, _subjects(newest)) if newest else (None, {})
    return {**_template(row), "version": row.version, "newest": number, "subjects": subjects, "draft": row.draft}


class VersionShown(Body):
    """What a template said at one time; campaigns send the newest version there is at their launch."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(MailKind.values)
    created_at = serializers.DateTimeField()
    created_by_id = serializers.IntegerField(allow_null=True)
    subjects = serializers.DictField(child=serializers.CharField(allow_blank=True))


class VersionWhole(VersionShown):
    """A version with its content."""

    content = serializers.DictField()


def version(row: TemplateVersion) -> dict[str, Any]:
    """Return a version without its content as JSON values."""
    own = {name: getattr(row, name) for name in ("number", "kind", "created_at", "created_by_id")}
    return {**own, "subjects": _subjects(row)}


def _subjects(row: TemplateVersion) -> dict[str, str]:
    languages = row.content.get("languages", {})
    return {code: str(one.get("subject", "")) for code, one in languages.items()}


@DOOR.get(
    f"{WHERE}/versions", Action.TEMPLATE_VIEW, _("List the versions of a mail template"), gives=VersionShown, pages=True
)
def list_versions(asked: Asked, template_id: int) -> Listing:
    """Return versions, the newest first."""
    rows = get_object_or_404(MailTemplate, pk=template_id).versions.defer("compiled")
    return Listing.of(keyset_page(rows, ("-number",), cursor=asked.cursor, size=asked.size), version)


@DOOR.get(
    f"{WHERE}/versions/<row:number>", Action.TEMPLATE_VIEW, _("Read a version of a mail template"), gives=VersionWhole
)
def read_version(asked: Asked, template_id: int, number: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one version."""
    rows = TemplateVersion.objects.defer("compiled").filter(template_id=template_id)
    row = get_object_or_404(rows, number=number)
    return {**version(row), "content": row.content}
