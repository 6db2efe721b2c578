"""What is done to a template: made, its draft saved, a version made of it, an old version brought back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from campaigns.templating import fields
from campaigns.templating.content import read_content
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import MailKind, MailTemplate, TemplateVersion
from campaigns.templating.parts import compiled_json, parts
from crm.team.models import User


class StaleTemplate(Exception):
    """Somebody saved the template since this edit began; nothing was written. `current` is what stands now."""

    def __init__(self, current: MailTemplate) -> None:
        super().__init__(str(current))
        self.current = current


def create(name: str, kind: MailKind, content: Mapping[str, Any], *, by: User | None, now: datetime) -> MailTemplate:
    """Make a template with this draft. Raises TemplateError when the draft cannot be read."""
    read_content(content)
    return MailTemplate.objects.create(
        name=name, kind=kind, draft=dict(content), updated_by=by, created_at=now, updated_at=now
    )


def save_draft(
    template: MailTemplate, *, name: str, kind: MailKind, content: Mapping[str, Any], by: User, now: datetime
) -> MailTemplate:
    """Write name, kind and draft if nobody saved since `template.version`, and return the template as it stands.

    Raises TemplateError when the draft cannot be read, StaleTemplate when somebody was quicker; then nothing changed.
    """
    read_content(content)
    written = MailTemplate.objects.filter(pk=template.pk, version=template.version).update(
        name=name, kind=kind, draft=dict(content), updated_by=by, updated_at=now, version=F("version") + 1
    )
    current = MailTemplate.objects.get(pk=template.pk)
    if not written:
        raise StaleTemplate(current)
    return current


def make_version(template: MailTemplate, *, by: User | None, now: datetime) -> TemplateVersion:
    """Make the next version of the draft, or return the last one when it says the same.

    Raises TemplateError when the draft does not compile, names an unknown field or has no subject.
    """
    content = read_content(template.draft)
    compiled = compiled_json(content, template.kind)
    known = fields.catalogue()
    for language, variant in content.languages.items():
        if not variant.subject:
            raise TemplateError(_('The subject in "%(language)s" is missing.') % {"language": language}, part="subject")
        parts(content, compiled, language).uses(known)
    with transaction.atomic():
        MailTemplate.objects.select_for_update().get(pk=template.pk)
        last = template.versions.order_by("-number").first()
        if last and last.content == template.draft and last.kind == template.kind and last.compiled == compiled:
            return last
        return template.versions.create(
            number=(template.versions.aggregate(top=Max("number"))["top"] or 0) + 1,
            kind=template.kind,
            content=template.draft,
            compiled=compiled,
            created_by=by,
            created_at=now,
        )


def restore(template: MailTemplate, number: int, *, by: User, now: datetime) -> MailTemplate:
    """Make an old version's content the draft again; versions stay. Raises DoesNotExist, StaleTemplate."""
    old = template.versions.get(number=number)
    return save_draft(template, name=template.name, kind=MailKind(old.kind), content=old.content, by=by, now=now)


def current_version(template: MailTemplate) -> TemplateVersion | None:
    """Return the newest version, which a campaign sends; None while there is only a draft."""
    return template.versions.order_by("-number").first()
