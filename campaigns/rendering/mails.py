"""All mails of one dispatch: its published sources compiled per language and tracking consent, and the row they need.

Called by the send queue once per dispatch and worker, by the freeze for its links, and by previews.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from campaigns.rendering.compiled import CompiledMail, Parts, Recipient
from campaigns.rendering.links import MARK, found_links, replaced, tracked_address, with_pixel
from campaigns.rendering.origin import Origin
from campaigns.rendering.quoted import clean
from campaigns.rendering.slots import Cut, cut
from campaigns.sending.models import Dispatch, Link
from campaigns.templating import fields
from campaigns.templating.liquid import compile_source
from campaigns.templating.publish import Published, published
from campaigns.tracking.tokens import preferences_url, unsubscribe_url, view_url

_LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


@dataclass(frozen=True)
class _Cuts:
    subject: Cut
    html: Cut
    text: Cut


def _page_links(token: str) -> dict[str, str]:
    return {
        "unsubscribe_url": unsubscribe_url(token),
        "view_url": view_url(token),
        "preferences_url": preferences_url(token),
    }


class DispatchMails:
    """Compiles lazily and keeps what it compiled; lives as long as a worker works on the dispatch."""

    def __init__(self, dispatch: Dispatch) -> None:
        self.dispatch = dispatch
        self._cuts: dict[str, _Cuts] = {}
        self._compiled: dict[tuple[str, bool], CompiledMail] = {}
        self._asked: dict[tuple[str, bool], CompiledMail] = {}  # the same by the languages that people have

    # --- sources ----------------------------------------------------------------------------------------------------
    @cached_property
    def _published(self) -> dict[str, Published]:
        """What readers of each language get, "" for all others; languages that share one source share one entry."""
        given: dict[str, Published] = {}
        for code in ("", *_LANGUAGES):
            made = published(
                self.dispatch.template_version_id,
                code,
                subject=self.dispatch.subject,
                preheader=self.dispatch.preheader,
            )
            given[code] = next((known for known in given.values() if known == made), made)
        return given

    def language(self, wanted: str) -> str:
        """Return the language in which a reader of `wanted` ("ko", "ko-kr", "" unknown) gets the mail."""
        code = wanted.partition("-")[0].lower()
        known = self._published.get(code) or self._published[""]
        return known.language

    @cached_property
    def fields(self) -> tuple[fields.Field, ...]:
        """The fields that differ from person to person, in the order of a recipient's values."""
        used = {key for made in self._published.values() for key in made.fields_used}
        known = fields.catalogue()
        return tuple(known[key] for key in sorted(used) if known[key].of_person)

    @cached_property
    def readers(self) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
        """The places of values that must be read out of JSON first."""
        return tuple((place, field.read) for place, field in enumerate(self.fields) if ".attributes." in field.key)

    @cached_property
    def origin(self) -> Origin:
        """Who sends."""
        sender = self.dispatch.sender
        return Origin(
            sender.pk,
            sender.name,
            sender.email,
            sender.reply_to,
            self.dispatch.kind,
            automatic=self.dispatch.campaign_id is None,
        )

    # --- compiling --------------------------------------------------------------------------------------------------
    def _cut(self, language: str) -> _Cuts:
        if language not in self._cuts:
            made = next(made for made in self._published.values() if made.language == language)
            constants = {f"sender.{name}": text for name, text in fields.sender_values(self.dispatch.sender).items()}
            keys = [field.key for field in self.fields]
            sources = {"subject": made.subject, "html": made.html, "text": made.text}
            cuts = {
                part: cut(
                    compile_source(source, part=part),
                    keys,
                    constants if part == "subject" else constants | _page_links(MARK),
                    html=part == "html",
                )
                for part, source in sources.items()
            }
            self._cuts[language] = _Cuts(**cuts)
        return self._cuts[language]

    def targets(self) -> list[str]:
        """Return the links of all languages in order, each once."""
        found: dict[str, None] = {}
        for language in dict.fromkeys(made.language for made in self._published.values()):
            cuts = self._cut(language)
            found |= dict.fromkeys(found_links(cuts.html.pieces, cuts.text.pieces, self.dispatch.link_parameters))
        return list(found)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return dict(Link.objects.filter(dispatch=self.dispatch).values_list("url", "number"))

    def compiled(self, language: str, *, tracked: bool) -> CompiledMail:
        """Return the mail for readers of `language`, with or without tracking. Raises TemplateError, UnknownLink."""
        found = self._asked.get((language, tracked))
        if found is None:
            key = (self.language(language), tracked)
            if key not in self._compiled:
                self._compiled[key] = self._compile(*key)
            found = self._asked[language, tracked] = self._compiled[key]
        return found

    def prepare(self) -> None:
        """Compile for every language, with and without tracking. Raises TemplateError, UnknownLink."""
        for language in dict.fromkeys(made.language for made in self._published.values()):
            for tracked in (True, False):
                self.compiled(language, tracked=tracked)

    def _compile(self, language: str, tracked: bool) -> CompiledMail:
        cuts = self._cut(language)
        put = tracked_address(self._numbers) if tracked else _as_it_is
        html, text = replaced(cuts.html.pieces, cuts.text.pieces, self.dispatch.link_parameters, put)
        keys = tuple(field.key for field in self.fields)
        parts = Parts(cuts.subject, cuts.html, cuts.text, with_pixel(html) if tracked else html, text, keys)
        return CompiledMail(self.origin, parts, self._context(language))

    def _context(self, language: str) -> Callable[[Recipient, str], Mapping[str, Any]]:
        """Return what gives Liquid its values for one person."""
        keys = [field.key for field in self.fields]
        sender = fields.sender_values(self.dispatch.sender)

        def context(recipient: Recipient, token: str) -> Mapping[str, Any]:
            values: dict[str, Any] = fields.nested(zip(keys, map(_cleaned, recipient.values), strict=True))
            values["sender"] = sender
            values["mail"] = {
                "language": language,
                "time_zone": recipient.time_zone or settings.TIME_ZONE,
                "currency": settings.COMPANY_CURRENCY,
            }
            return values | _page_links(token)

        return context

    # --- rows -------------------------------------------------------------------------------------------------------
    def read_values(self, raw: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row's values as templates see them."""
        if not self.readers:
            return tuple(raw)
        values = list(raw)
        for place, read in self.readers:
            values[place] = read(values[place])
        return tuple(values)


def _as_it_is(url: str) -> str:
    return url


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    return [_cleaned(item) for item in value] if isinstance(value, list) else value
