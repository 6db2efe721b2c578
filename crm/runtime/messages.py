"""Korean: extracts the product's strings, merges parts into the catalogue, checks and compiles it, without GNU gettext.

The catalogue is locale/ko/LC_MESSAGES/django.po; `locale/ko/parts/*.json` (msgid -> msgstr, a list for plurals) add to
it until they are merged. Called by `manage.py messages`, by `manage.py run` and by the tests.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

SOURCES = ("crm", "contacts", "campaigns", "journeys", "templates")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = {
    "Project-Id-Version": "Wayfare",
    "Language": "ko",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")

type Key = tuple[str | None, str]  # context and msgid
type Said = dict[Key, str | list[str]]  # a list of one string where the message has a plural


class CatalogueError(Exception):
    """A part or a source file cannot be read; the message names it."""


@dataclass(frozen=True)
class Message:
    """One string of the product: its context, singular and plural form, and the files it stands in."""

    context: str | None
    msgid: str
    plural: str | None
    places: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What tells messages apart."""
        return self.context, self.msgid


def _from_file(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    """Yield (context, msgid, plural) of one Python file or template."""
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    text = path.read_text()
    if path.suffix != ".py":
        text = f"({templatize(text, origin=str(path))})"  # in brackets, indentation means nothing to the tokenizer
    for _line, found, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        forms = (found,) if isinstance(found, str) else found
        if forms and forms[0]:
            yield context, forms[0], forms[1] if len(forms) > 1 else None


def _files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def extracted(root: Path) -> list[Message]:
    """Return every string of the product below `root`, in order of file and msgid."""
    places: dict[Key, list[str]] = {}
    plurals: dict[Key, str | None] = {}
    for path in _files(root):
        for context, msgid, plural in _from_file(path):
            key = (context, msgid)
            place = str(path.relative_to(root))
            if place not in places.setdefault(key, []):
                places[key].append(place)
            plurals[key] = plurals.get(key) or plural
    return [Message(*key, plurals[key], tuple(found)) for key, found in places.items()]


def _read_part(path: Path) -> Said:
    """Return a part's translations. Raises CatalogueError."""
    try:
        entries = json.loads(path.read_text())
    except ValueError as error:
        raise CatalogueError(f"{path}: {error}") from None
    found: Said = {}
    for name, said in entries.items():
        context, _mark, msgid = name.rpartition("\x04")
        texts = said if isinstance(said, list) else [said]
        if len(texts) != 1 or not isinstance(texts[0], str):
            raise CatalogueError(f"{path}: {name!r} must be a string, or a list of one string for a plural")
        found[context or None, msgid] = said
    return found


@dataclass
class Catalogue:
    """The Korean of one checkout: what is translated, by the .po file and by the parts."""

    locale: Path

    @property
    def po(self) -> Path:
        """The catalogue itself."""
        return self.locale / "ko" / "LC_MESSAGES" / "django.po"

    @property
    def parts(self) -> list[Path]:
        """What waits to be merged into it."""
        return sorted((self.locale / "ko" / "parts").glob("*.json"))

    def said(self) -> Said:
        """Return every translation; a part wins over the catalogue. Fuzzy ones do not count."""
        known: Said = {}
        for entry in polib.pofile(str(self.po)) if self.po.exists() else []:
            if not entry.fuzzy and not entry.obsolete:
                known[entry.msgctxt, entry.msgid] = [entry.msgstr_plural[0]] if entry.msgid_plural else entry.msgstr
        for part in self.parts:
            known |= _read_part(part)
        return known

    def write(self, messages: list[Message]) -> None:
        """Write the catalogue anew from the sources and what is said; remove the parts that are now in it."""
        said = self.said()
        self.po.parent.mkdir(parents=True, exist_ok=True)
        _pofile(messages, said).save(str(self.po))
        for part in self.parts:
            part.unlink()

    def problems(self, messages: list[Message]) -> list[str]:
        """Return one line for each string without Korean, and for each with other placeholders than the English."""
        said = self.said()
        found = []
        for message in messages:
            korean = _text(said.get(message.key, ""))
            if not korean:
                found.append(f"{message.places[0]}: no Korean for {message.msgid!r}")
            elif _slots(korean) - _slots(message.msgid) - _slots(message.plural or ""):
                found.append(f"{message.places[0]}: other placeholders in {korean!r} than in {message.msgid!r}")
        return found

    def compile(self) -> Path:
        """Write the binary catalogue that Django reads and return its place."""
        place = self.po.with_suffix(".mo")
        place.parent.mkdir(parents=True, exist_ok=True)
        said = self.said()
        # The plural's English is not looked up by anything that reads the binary form: the singular serves.
        messages = [Message(*key, key[1] if isinstance(text, list) else None, ()) for key, text in said.items()]
        fresh = place.with_suffix(".new")
        _pofile(messages, said).save_as_mofile(str(fresh))
        fresh.rename(place)
        return place

    def stale(self) -> bool:
        """Whether the binary catalogue is older than what it is made of."""
        place = self.po.with_suffix(".mo")
        sources = [path for path in (self.po, *self.parts) if path.exists()]
        newest = max((path.stat().st_mtime for path in sources), default=0.0)
        return bool(sources) and (not place.exists() or place.stat().st_mtime < newest)


def _text(said: str | list[str]) -> str:
    return said if isinstance(said, str) else said[0]


def _slots(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _pofile(messages: list[Message], said: Said) -> polib.POFile:
    """Return a catalogue with these messages and what is said of them."""
    file = polib.POFile(wrapwidth=110)
    file.metadata = dict(HEADER)
    for message in messages:
        korean = _text(said.get(message.key, ""))
        entry = polib.POEntry(msgctxt=message.context, msgid=message.msgid, msgid_plural=message.plural or "")
        entry.occurrences = [(place, "") for place in message.places]
        if message.plural:
            entry.msgstr_plural = {0: korean}
        else:
            entry.msgstr = korean
        file.append(entry)
    return file


def compile_stale(locale: Path) -> bool:
    """Compile the Korean catalogue when it is older than its sources; return whether it was."""
    catalogue = Catalogue(locale)
    if not catalogue.stale():
        return False
    catalogue.compile()
    return True
