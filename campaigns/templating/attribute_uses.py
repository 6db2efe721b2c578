"""Which mail templates name an attribute, in their draft or in what was published."""

import re

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from campaigns.templating.models import MailTemplate, TemplateVersion
from contacts.attributes.models import Attribute
from contacts.attributes.uses import AttributeUse
from contacts.segments.uses import page_of


def _by_templates(attribute: Attribute) -> list[tuple[str, str]]:
    named = rf"{attribute.target}\.attributes\.{re.escape(attribute.key)}([^-a-zA-Z0-9_]|$)"
    latest = TemplateVersion.objects.order_by("template", "-number").distinct("template").values("pk")
    versions = TemplateVersion.objects.filter(pk__in=latest).annotate(text=Cast("content", TextField()))
    drafts = MailTemplate.objects.annotate(text=Cast("draft", TextField()))
    found = drafts.filter(Q(text__regex=named) | Q(pk__in=versions.filter(text__regex=named).values("template")))
    page = "admin:campaigns_mailtemplate_change"
    return [(row.name, page_of(page, row.pk)) for row in found.order_by("name", "pk")]


TEMPLATE_ATTRIBUTES = AttributeUse("template", _("Mail template"), _by_templates)
