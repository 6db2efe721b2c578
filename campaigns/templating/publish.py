"""What senders ask of a template version: its final sources in one language, and whether anything is wrong with it."""

from dataclasses import dataclass

from campaigns.templating import fields
from campaigns.templating.checks import Finding, Severity, checks
from campaigns.templating.content import read_content
from campaigns.templating.models import MailKind, TemplateVersion
from campaigns.templating.parts import parts

__all__ = ["Finding", "Published", "Severity", "checks", "published"]


@dataclass(frozen=True)
class Published:
    """Liquid sources to be rendered per person with liquid.compile_source and liquid.render.

    `html` is escaped while it is rendered, the others are not. It ends with the legal footer and names
    `unsubscribe_url` and `view_url`; other links stand plainly in href. `language` is the one really given.
    `fields_used` are keys of fields.catalogue(), for fields.fetch.
    """

    subject: str
    preheader: str
    html: str
    text: str
    kind: MailKind
    language: str
    fields_used: frozenset[str]


def published(version_id: int, language: str, *, subject: str = "", preheader: str = "") -> Published:
    """Return the sources of a version for readers of `language` (its main language when it has none for them).

    `subject` and `preheader`, when given, replace the template's own. Raises TemplateVersion.DoesNotExist, and
    TemplateError when a field has gone since the version was made or a replacement does not parse.
    """
    version = TemplateVersion.objects.get(pk=version_id)
    made = parts(read_content(version.content), version.compiled, language, subject=subject, preheader=preheader)
    used = frozenset(use.key for use in made.uses(fields.catalogue()))
    return Published(made.subject, made.preheader, made.html, made.text, MailKind(version.kind), made.language, used)
