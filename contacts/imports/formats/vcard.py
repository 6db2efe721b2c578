"""vCards 2.1, 3.0 and 4.0, one or many in a file, as CSV. Phones and address books write these."""

import csv
import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports.cells import joined_name
from contacts.imports.errors import BadFile

HEADER = (
    "E-mail", "Name", "Phone", "Company", "Title", "Street address", "City", "Region", "Postcode", "Country",
    "Birthday", "Tags", "Language",
)  # fmt: skip
_LONGEST_LINE = 64 * 1024  # bytes of a folded line that are read on; a picture is longer, and not wanted
_WANTED = frozenset(["N", "FN", "EMAIL", "TEL", "ORG", "TITLE", "ROLE", "ADR", "BDAY", "CATEGORIES", "LANG"])
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIGITS_OF_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


@dataclass
class _Line:
    """One property: its name, its parameters, its value still escaped."""

    name: str
    types: frozenset[str]
    value: str
    preferred: bool


@dataclass
class _Card:
    lines: dict[str, list[_Line]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """Return the preferred value of a property, else the first, unescaped."""
        found = sorted(self.lines.get(name, []), key=lambda line: not line.preferred)
        return _plain(found[0].value) if found else ""

    def parts(self, name: str) -> list[str]:
        """Return the parts between semicolons of the preferred value."""
        found = sorted(self.lines.get(name, []), key=lambda line: not line.preferred)
        return [_plain(part) for part in _split(found[0].value, ";")] if found else []


def is_vcard(head: bytes) -> bool:
    """Tell whether a file begins as a vCard does, in any encoding."""
    return head[:400].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\r\n \t").upper().startswith(b"BEGIN:VCARD")


def write_csv(file: IO[bytes], out: IO[str], encoding: str) -> int:
    """Write one row for each card and return how many. Raises BadFile when there is none."""
    rows, count = csv.writer(out, lineterminator="\n"), 0
    rows.writerow(HEADER)
    for card in _cards(_unfolded(file, encoding)):
        rows.writerow(_row(card))
        count += 1
    if not count:
        raise BadFile(_("There is no whole vCard in this file."))
    return count


def _unfolded(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield lines with their continuations: a blank in front, or "=" at the end of a quoted-printable one."""
    held = ""
    text = io.TextIOWrapper(file, encoding, errors="replace")
    for line in iter(lambda: text.readline(_LONGEST_LINE), ""):
        part = line.rstrip("\n")
        if held and part[:1] in (" ", "\t"):
            held += part[1:] if len(held) < _LONGEST_LINE else ""
        elif held.endswith("=") and "QUOTED-PRINTABLE" in held.partition(":")[0].upper():
            held = held[:-1] + part if len(held) < _LONGEST_LINE else held[:-1]
        else:
            yield held
            held = part
    yield held
    text.detach()


def _cards(lines: Iterator[str]) -> Iterator[_Card]:
    card: _Card | None = None
    for text in lines:
        mark = text.strip().upper()
        if mark == "BEGIN:VCARD":
            card = _Card()
        elif mark == "END:VCARD" and card is not None:
            yield card
            card = None
        elif card is not None and (line := _property(text)) is not None:
            card.lines.setdefault(line.name, []).append(line)


def _property(text: str) -> _Line | None:
    head, colon, value = _at_colon(text)
    name, *parameters = head.upper().split(";")
    name = name.rpartition(".")[2]  # "item1.EMAIL", as Apple writes it
    if not colon or name not in _WANTED:
        return None
    words = frozenset(word for each in parameters for word in each.rpartition("=")[2].strip('"').split(","))
    if "QUOTED-PRINTABLE" in words:
        charset = next((each.partition("=")[2] for each in parameters if each.startswith("CHARSET=")), "utf-8")
        value = _quoted(value, charset)
    return _Line(name, words, value, "PREF" in words or "PREF=1" in parameters)


def _at_colon(text: str) -> tuple[str, str, str]:
    """Split at the first colon outside of quotation marks."""
    inside = False
    for place, char in enumerate(text):
        if char == '"':
            inside = not inside
        elif char == ":" and not inside:
            return text[:place], ":", text[place + 1 :]
    return text, "", ""


def _quoted(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("ascii", "replace"))
    name = charset.strip('"').casefold().replace("ks_c_5601-1987", "cp949").replace("euc-kr", "cp949")
    try:
        return raw.decode(name, errors="replace")
    except LookupError:
        return raw.decode("utf-8", errors="replace")


def _split(value: str, sign: str) -> list[str]:
    return re.split(rf"(?<!\\){sign}", value)


def _plain(value: str) -> str:
    """Return a value unescaped on one line."""
    return " ".join(_ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value).split())


def _row(card: _Card) -> list[str]:
    family, given, *more = [*card.parts("N"), "", ""]
    middle = more[0] if len(more) > 2 else ""
    name = joined_name(family, " ".join(filter(None, (given, middle)))) or card.first("FN")
    _box, _extra, street, city, region, postcode, country = [*card.parts("ADR"), *[""] * 7][:7]
    return [
        card.first("EMAIL").removeprefix("mailto:"), name, _phone(card), next(iter(card.parts("ORG")), ""),
        card.first("TITLE") or card.first("ROLE"), street, city, region, postcode, country, _birthday(card),
        ", ".join(_plain(tag) for line in card.lines.get("CATEGORIES", []) for tag in _split(line.value, ",")),
        card.first("LANG"),
    ]  # fmt: skip


def _phone(card: _Card) -> str:
    """Return the mobile number before any other; a fax never."""
    phones = [line for line in card.lines.get("TEL", []) if not line.types & {"FAX", "PAGER"}]
    phones.sort(key=lambda line: (not line.types & {"CELL", "MOBILE", "IPHONE"}, not line.preferred))
    return _plain(phones[0].value).removeprefix("tel:").partition(";")[0] if phones else ""


def _birthday(card: _Card) -> str:
    """Return a whole date; "--0412", a birthday without its year, is nothing that could be kept."""
    match = _DIGITS_OF_DAY.match(card.first("BDAY"))
    return "-".join(match.groups()) if match else ""
