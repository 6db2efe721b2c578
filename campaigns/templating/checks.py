"""What is wrong with a mail, or could be: asked by the editor and by the pre-flight of a campaign."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.db import connection, models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.templating import fields
from campaigns.templating.content import PLACEHOLDER, Content, read_content
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import MailKind, TemplateVersion
from campaigns.templating.pages import Image, Link, outline
from campaigns.templating.parts import Parts, compiled_json, parts
from campaigns.templating.uses import Use
from contacts.people.models import Contact

GMAIL_CLIPS = 102 * 1024  # bytes of HTML after which Gmail hides the rest, the opt-out link with it
LONG_SUBJECT = 60
AD_MARK = re.compile(r"^\s*[(\[（]\s*광\s*고\s*[)\]）]")
_FIELD_LINK = re.compile(r"\s*\{\{")
_PLACEHOLDER = re.compile(rf"\s*https?://{re.escape(PLACEHOLDER)}(?=[/?#:]|\s*$)", re.IGNORECASE)


class Severity(models.TextChoices):
    """An error stops a launch; a warning asks to be looked at; a note tells."""

    ERROR = "error", gettext_lazy("Must be fixed")
    WARNING = "warning", gettext_lazy("Look at this")
    NOTE = "note", gettext_lazy("Good to know")


@dataclass(frozen=True)
class Finding:
    """One thing found. `code` is stable; place: language, part, line and block as in TemplateError.

    `count` is the number of people it touches, 0 where that has no meaning.
    """

    severity: Severity
    code: str
    message: str
    language: str = ""
    part: str = ""
    line: int = 0
    block: int = 0
    field: str = ""
    count: int = 0


def checks(version: TemplateVersion, audience: QuerySet[Contact] | None = None) -> list[Finding]:
    """Return what is wrong with a version, errors first. With an audience, missing values come with their number."""
    try:
        content = read_content(version.content)
    except TemplateError as error:
        return [_refused(error, "")]
    return _ordered(_all_languages(content, version.compiled, version.kind, audience))


def check_draft(raw: object, kind: str, audience: QuerySet[Contact] | None = None) -> list[Finding]:
    """Return what is wrong with a draft's JSON, errors first; what cannot be read or compiled is an error too."""
    try:
        content = read_content(raw)
        compiled = compiled_json(content, kind)
    except TemplateError as error:
        return [_refused(error, "")]
    return _ordered(_all_languages(content, compiled, kind, audience))


def _refused(error: TemplateError, language: str) -> Finding:
    return Finding(Severity.ERROR, "refused", str(error), language, error.part, error.line, error.block, error.field)


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _all_languages(
    content: Content, compiled: dict[str, dict[str, str]], kind: str, audience: QuerySet[Contact] | None
) -> Iterator[Finding]:
    known = fields.catalogue()
    for language in content.languages:
        made = parts(content, compiled, language)
        try:
            yield from _missing_values(made, known, audience)
        except TemplateError as error:
            yield _refused(error, language)
        yield from _lines(made, kind)
        yield from _page(made)
        yield from _legal(made, kind)


def _lines(made: Parts, kind: str) -> Iterator[Finding]:
    at = partial(Finding, language=made.language, part="subject")
    if not made.subject:
        yield at(Severity.ERROR, "no-subject", _("The subject is missing."))
    elif AD_MARK.match(made.subject) and kind == MailKind.ADVERTISING:
        message = _("Leave (광고) out of the subject: it is put in front when the mail is sent.")
        yield at(Severity.ERROR, "ad-mark", message)
    elif len(made.subject) > LONG_SUBJECT:
        message = _("The subject has %(length)d letters; phones show about 40.")
        yield at(Severity.NOTE, "long-subject", message % {"length": len(made.subject)})
    if not made.preheader:
        message = _("Without a preheader the inbox shows the first words of the mail.")
        yield at(Severity.NOTE, "no-preheader", message, language=made.language, part="preheader")


def _page(made: Parts) -> Iterator[Finding]:
    size = len(made.html.encode())
    if size > GMAIL_CLIPS:
        message = _("The mail has %(size)d KB; Gmail cuts it off after 102 KB, with the unsubscribe link.")
        yield Finding(Severity.WARNING, "too-large", message % {"size": size // 1024}, made.language, "html")
    body = made.text.split("-- \n", 1)[0].strip()
    if not body:
        yield Finding(Severity.WARNING, "no-text", _("The mail says nothing yet."), made.language, "text")
    found = outline(made.html)
    for link in found.links:
        yield from _link(link, made.language)
    for image in found.images:
        yield from _image(image, made.language)


def _link(link: Link, language: str) -> Iterator[Finding]:
    name = " ".join(link.label.split())[:60] or link.url[:60]
    at = partial(Finding, language=language, part="html", line=link.line)
    if link.url.strip() in ("", "#"):
        yield at(Severity.ERROR, "empty-link", _('The link "%(name)s" leads nowhere.') % {"name": name})
    elif _FIELD_LINK.match(link.url):
        if "_url" not in link.url:
            message = _('The link "%(name)s" comes from a field: clicks on it are not counted.')
            yield at(Severity.NOTE, "field-link", message % {"name": name})
    elif _PLACEHOLDER.match(link.url):
        message = _('The link "%(name)s" still leads to %(site)s, which only holds the place. Put your own there.')
        yield at(Severity.ERROR, "placeholder-link", message % {"name": name, "site": PLACEHOLDER})
    elif not _whole_address(link.url):
        message = _('The link "%(name)s" has the address "%(url)s", which is not complete.')
        yield at(Severity.ERROR, "bad-link", message % {"name": name, "url": link.url})


def _whole_address(url: str) -> bool:
    try:
        found = urlsplit(url.strip())
    except ValueError:
        return False
    if found.scheme in ("mailto", "tel"):
        return bool(found.path)
    return found.scheme in ("http", "https") and (
        "." in found.netloc or found.hostname == "localhost" or ":" in found.netloc
    )


def _image(image: Image, language: str) -> Iterator[Finding]:
    at = partial(Finding, language=language, part="html", line=image.line)
    if not image.src:
        yield at(Severity.ERROR, "no-picture", _("A picture is no longer there. Choose it again."))
    if not image.alt:
        message = _("A picture has no description; many people do not see pictures.")
        yield at(Severity.WARNING, "no-alt", message)


def _legal(made: Parts, kind: str) -> Iterator[Finding]:
    needed = ["sender.organisation", "sender.postal_address", "sender.phone"]
    if kind == MailKind.ADVERTISING:
        needed.append("unsubscribe_url")
    for part, source in (("html", made.html), ("text", made.text)):
        missing = [field for field in needed if field not in source]
        if missing:
            message = _("The legal footer lacks: %(fields)s.") % {"fields": ", ".join(missing)}
            yield Finding(Severity.ERROR, "legal-footer", message, made.language, part)


def _missing_values(
    made: Parts, known: dict[str, fields.Field], audience: QuerySet[Contact] | None
) -> Iterator[Finding]:
    bare: dict[str, Use] = {}
    for use in made.uses(known):
        if not use.guarded and known[use.key].of_person:
            bare.setdefault(use.key, use)
    counts = lacking(audience, [known[key] for key in bare]) if audience is not None else {}
    for key, use in bare.items():
        label = known[key].label
        if audience is None:
            message = _('"%(field)s" has no fall-back for people without it.') % {"field": label}
            yield Finding(Severity.WARNING, "no-fallback", message, made.language, use.part, use.line, 0, key)
        elif counts[key]:
            message = ngettext(
                '%(count)d person has no "%(field)s", and there is no fall-back.',
                '%(count)d people have no "%(field)s", and there is no fall-back.',
                counts[key],
            )
            text = message % {"count": counts[key], "field": label}
            yield Finding(
                Severity.WARNING, "missing-values", text, made.language, use.part, use.line, 0, key, counts[key]
            )


def lacking(audience: QuerySet[Contact], wanted: list[fields.Field]) -> dict[str, int]:
    """Return how many of the audience lack each field, by key, in one query."""
    if not wanted:
        return {}
    chosen, params = audience.order_by().values("pk").query.sql_with_params()
    columns = ", ".join(f"count(*) FILTER (WHERE {field.condition_missing()})" for field in wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} {fields.SOURCE} WHERE c.id IN ({chosen})", params)
        counts = cursor.fetchone()
    return dict(zip((field.key for field in wanted), counts, strict=True))
