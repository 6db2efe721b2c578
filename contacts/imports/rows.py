"""From a row of cells to a line of COPY for the staging table, or to a reason why not. Called for every row of a file.

Tuned by profile: one check over the joined row instead of one per cell, blanks as NULL, no object per row.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import itemgetter

from contacts.account_roles import roles
from contacts.attributes import values
from contacts.attributes.models import Attribute
from contacts.consent.models import SuppressionReason
from contacts.imports import cells as read
from contacts.imports.columns import COLUMNS, LONGEST, PLACE
from contacts.imports.errors import BadCell
from contacts.imports.fields import ATTRIBUTE, looks_like_resident_number
from contacts.imports.plan import Plan
from contacts.imports.reader import LONGEST_CELL, Record
from contacts.imports.refusal import Refusal, refusal
from contacts.people.address import BadAddress, email_key, likely_typo, normalise
from contacts.people.company import BadBusinessNumber, business_number, name_key
from contacts.people.place import city, region

_PLACES = ((PLACE["region"], region), (PLACE["city"], city))
_OTHERS = {
    "phone", "country", "language", "birthday", "business_number", "consent_at", "refused_at", "account_roles",
    "under_14", "changed_at",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1e\x7f\ud800-\udfff]")
_WIDE = re.compile(r"[^\S \x1f]|  ")
_SPECIAL = re.compile(r"\d{6}-?\d{7}|\x1f'")

company_key = lru_cache(20_000)(name_key)


class RowMaker:
    """Makes staging lines after one plan. `refusals` collects what was refused or left out since it was emptied."""

    def __init__(
        self, plan: Plan, header: Sequence[str], attributes: Sequence[Attribute], zone: tzinfo, now: datetime
    ) -> None:
        self.refusals: list[Refusal] = []
        self._header, self._width = list(header), len(header)
        self._zone, self._now, self._today = zone, now, now.astimezone(zone).date()
        used = [(place, key) for place, key in enumerate(plan.columns) if key]
        self._names = [header[place] for place, _ in used]
        places = [place for place, _ in used]
        self._pick: Callable[[list[str]], tuple[str, ...]] = (
            itemgetter(*places) if len(places) > 1 else lambda cells: (cells[places[0]],)
        )
        keys = [key for _, key in used]
        self._email = keys.index("email")
        self._family, self._given = (_find(keys, "family_name"), _find(keys, "given_name"))
        plain = {name: limit for name, limit in LONGEST.items() if name not in _OTHERS}
        self._texts = [(place, PLACE[key], plain[key]) for place, key in enumerate(keys) if key in plain]
        self._undated_is_unknown = plan.agreed_on is None
        self._consents = [
            (keys.index(field.key), self._said if field.key == "mail_status" else self._consent)
            for field in plan.consents
        ]
        self._exclusions = [(keys.index(field.key), field.excludes) for field in plan.exclusions]
        self._status = _find(keys, "mail_status")
        self._default_reason = plan.exclude_all
        self._tags = _find(keys, "tags")
        self._others = [(place, *self._other(key)) for place, key in enumerate(keys) if self._is_other(key)]
        by_key = {ATTRIBUTE + each.key: each for each in attributes}
        self._attributes = [(place, by_key[key]) for place, key in enumerate(keys) if key in by_key]
        self._roles: dict[str, str] | None = None

    @staticmethod
    def _is_other(key: str) -> bool:
        return key in _OTHERS

    def _other(self, key: str) -> tuple[int, Callable[[str], str]]:
        """Return the staging column and the reader of a cell that is no plain text."""
        readers: dict[str, Callable[[str], str]] = {
            "phone": read.phone_number,
            "country": read.country_code,
            "language": read.language_code,
            "birthday": lambda cell: read.day(cell, self._today).isoformat(),
            "business_number": _business_number,
            "account_roles": self._account_roles,
            "under_14": read.yes_or_no,
            "consent_at": lambda cell: read.moment(cell, self._zone, self._now).isoformat(),
            "changed_at": lambda cell: read.moment(cell, self._zone, self._now).isoformat(),
            "refused_at": lambda cell: read.moment(cell, self._zone, self._now).isoformat(),
        }
        return PLACE[key], readers[key]

    def _account_roles(self, cell: str) -> str:
        if self._roles is None:
            self._roles = roles.by_word()
        try:
            return _array(roles.read(cell, self._roles))
        except roles.UnknownRole as error:
            raise BadCell("unknown_role") from error

    def make(self, record: Record) -> str | None:
        """Return one line of COPY text (blank means NULL), or None when the row was refused or is empty."""
        if record.error:
            value = str(LONGEST_CELL) if record.error == "cell_too_long" else ""
            self._refuse(record, record.error, value=value)
            return None
        cells = record.cells
        if len(cells) != self._width:
            cells = _fitted(cells, self._width)
            if len(cells) != self._width:
                self._refuse_width(record)
                return None
        picked = self._clean(record, self._pick(cells))
        return self._staged(record, picked) if picked else None

    def _refuse_width(self, record: Record) -> None:
        if any(cell.strip() for cell in record.cells):
            few = len(record.cells) < self._width
            self._refuse(record, "too_few_cells" if few else "too_many_cells", value=str(len(record.cells)))

    def _clean(self, record: Record, picked: tuple[str, ...]) -> Sequence[str] | None:
        """Return the chosen cells in NFC, stripped, or None when the row is refused or empty."""
        text = "\x1f".join(picked)
        if _CONTROL.search(text) or text.count("\x1f") != len(picked) - 1:
            self._refuse(record, "control_character", column=self._first_bad(picked))
            return None
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            picked = tuple(unicodedata.normalize("NFC", cell) for cell in picked)
        cleaned = [cell.strip() for cell in picked]
        if _WIDE.search(text):
            cleaned = [" ".join(cell.split()) for cell in cleaned]
        if _SPECIAL.search("\x1f" + text):
            cleaned = self._without_resident_numbers(record, [read.restored(cell) for cell in cleaned])
        return cleaned if any(cleaned) or any(cell.strip() for cell in record.cells) else None

    def _first_bad(self, picked: Sequence[str]) -> str:
        return next(
            name for name, cell in zip(self._names, picked, strict=True) if _CONTROL.search(cell) or "\x1f" in cell
        )

    def _without_resident_numbers(self, record: Record, cleaned: list[str]) -> list[str]:
        for place, cell in enumerate(cleaned):
            if looks_like_resident_number(cell):
                cleaned[place] = ""
                self._note(record, "resident_number", self._names[place])
        return cleaned

    def _staged(self, record: Record, picked: Sequence[str]) -> str | None:
        try:
            email = normalise(picked[self._email])
        except BadAddress:
            self._refuse_address(record, picked[self._email])
            return None
        if meant := likely_typo(email):
            self._note(record, "typo", self._names[self._email], meant)
        line = [""] * len(COLUMNS)
        line[0], line[1], line[2] = str(record.line), email, email_key(email)
        self._fill(record, line, picked)
        text = "\t".join(line)
        return text.replace("\\", "\\\\") if "\\" in text else text

    def _refuse_address(self, record: Record, raw: str) -> None:
        if [" ".join(cell.split()) for cell in record.cells] == self._header:
            self._refuse(record, "header_again")
        else:
            self._refuse(record, "bad_address" if raw else "no_address", value=raw)

    def _fill(self, record: Record, line: list[str], picked: Sequence[str]) -> None:
        for place, at, limit in self._texts:
            cell = picked[place]
            line[at] = cell if len(cell) <= limit else self._cut(record, place, limit, cell)
        if self._family is not None or self._given is not None:
            family = picked[self._family] if self._family is not None else ""
            given = picked[self._given] if self._given is not None else ""
            line[PLACE["name"]] = read.joined_name(family, given)[: LONGEST["name"]]
        for place, at, reader in self._others:
            if cell := picked[place]:
                line[at] = self._read(record, place, reader, cell)
        _derive(line)
        if self._consents:
            said = "".join([say(record, place, picked[place]) for place, say in self._consents])
            if self._undated_is_unknown and "y" in said and not line[PLACE["consent_at"]]:
                self._note(record, "undated_consent", "")
                said = said.replace("y", "-")
            line[PLACE["consents"]] = said
        if self._exclusions or self._status is not None or self._default_reason:
            line[PLACE["excluded"]] = self._excluded(picked)
        if self._attributes:
            line[PLACE["attributes"]] = self._attribute_values(record, picked)
        if self._tags is not None and (cell := picked[self._tags]):
            line[PLACE["tags"]] = _array(read.tags(cell))

    def _excluded(self, picked: Sequence[str]) -> str:
        """Return why this mailbox is left out of all sending, the gravest reason first, or ""."""
        found = {reason for place, reason in self._exclusions if read.is_flagged(picked[place])}
        if self._status is not None:
            found.add(_reason_of(picked[self._status]))
        return next((str(reason) for reason in _GRAVEST if reason in found), self._default_reason)

    def _said(self, record: Record, place: int, cell: str) -> str:
        try:
            return read.mail_status(cell)[0]
        except BadCell as error:
            self._note(record, str(error), self._names[place], cell)
            return "-"

    def _consent(self, record: Record, place: int, cell: str) -> str:
        return (self._read(record, place, _consent, cell) or "-") if cell else "-"

    def _read(self, record: Record, place: int, reader: Callable[[str], str], cell: str) -> str:
        try:
            return reader(cell)
        except BadCell as error:
            self._note(record, str(error), self._names[place], cell)
            return ""

    def _cut(self, record: Record, place: int, limit: int, cell: str) -> str:
        self._note(record, "too_long", self._names[place], str(limit))
        return cell[:limit]

    def _attribute_values(self, record: Record, picked: Sequence[str]) -> str:
        found = {}
        for place, attribute in self._attributes:
            if cell := picked[place]:
                try:
                    found[attribute.key] = values.parse(attribute, cell)
                except values.BadValue:
                    self._note(record, "bad_attribute", self._names[place], cell)
        return json.dumps(found, ensure_ascii=False) if found else ""

    def _refuse(self, record: Record, code: str, *, column: str = "", value: str = "") -> None:
        self.refusals.append(refusal(record, True, code, column, value))

    def _note(self, record: Record, code: str, column: str, value: str = "") -> None:
        self.refusals.append(refusal(record, False, code, column, value))


def _derive(line: list[str]) -> None:
    """Write places one way, and the company's name for matching."""
    country = line[PLACE["country"]]
    for at, written in _PLACES:
        if line[at]:
            line[at] = written(line[at], country)
    if company := line[PLACE["company"]]:
        line[PLACE["company_key"]] = company_key(company)


def _fitted(cells: list[str], width: int) -> list[str]:
    """Return the row without empty cells beyond the last column, which some programs write."""
    return cells[:width] if len(cells) > width and not any(cell.strip() for cell in cells[width:]) else cells


def _find(keys: list[str], key: str) -> int | None:
    return keys.index(key) if key in keys else None


_consent = lru_cache(1_000)(read.consent)
_GRAVEST = (SuppressionReason.COMPLAINT, SuppressionReason.HARD_BOUNCE, SuppressionReason.IMPORTED)


def _reason_of(status: str) -> str:
    try:
        return read.mail_status(status)[1]
    except BadCell:
        return ""


def _business_number(cell: str) -> str:
    try:
        return business_number(cell)
    except BadBusinessNumber as error:
        raise BadCell("bad_business_number") from error


def _array(texts: list[str]) -> str:
    return "{" + ",".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts) + "}"
