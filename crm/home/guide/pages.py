"""The pages of the guide as files, and what the reader sees of them: her own role first, and what fits a search."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.home.guide.writing import Section, Written, written
from crm.team.models import Role

PICTURES = Path(settings.BASE_DIR) / "docs" / "tour"
LANGUAGES = ("en", "ko")
_AROUND = 90  # letters shown before and after what was found


@dataclass(frozen=True)
class GuidePage:
    """One page of the guide: its file's name, who it is for, and a line that says what is in it."""

    key: str
    label: Any
    note: Any
    icon: str
    roles: frozenset[Role]


PAGES = (
    GuidePage(
        "marketer",
        _("For marketers"),
        _("Bring people in, group them, mail them, lead them through journeys, and read what came of it."),
        "send",
        frozenset({Role.MARKETER, Role.ANALYST}),
    ),
    GuidePage(
        "rep",
        _("For sales reps"),
        _("Your leads by heat, why each of them is hot, and what to write down after a call. Made for a phone."),
        "flame",
        frozenset({Role.SALES_REP, Role.CUSTOMER_SUCCESS}),
    ),
    GuidePage(
        "admin",
        _("For admins"),
        _("The company, colleagues and their roles, senders, personal data, and how the install is doing."),
        "settings",
        frozenset({Role.ADMIN}),
    ),
)


@dataclass(frozen=True)
class Hit:
    """A section that fits a search, with the words around the first place."""

    page: GuidePage
    section: Section
    words: str


def language() -> str:
    """Return the language of the guide for this request: the reader's, or English where there is no guide in it."""
    short = (get_language() or "en").split("-")[0]
    return short if short in LANGUAGES else "en"


@cache
def read(key: str, language: str) -> Written:
    """Return a page of the guide; it is read once and kept while the process lives."""
    source = Path(settings.BASE_DIR) / "docs" / "guide" / language / f"{key}.md"
    return written(source.read_text(encoding="utf-8"), reverse("guide-picture", args=["x"]).removesuffix("x.webp"))


def by_role(role: Role) -> list[GuidePage]:
    """Return all pages, those for this role first."""
    return sorted(PAGES, key=lambda page: role not in page.roles)


def find(text: str, role: Role, language: str) -> list[Hit]:
    """Return the sections in which every word of `text` stands, the reader's own role and headings first."""
    words = text.casefold().split()
    hits = [
        Hit(page, section, _around(section.text, words))
        for page in by_role(role)
        for section in read(page.key, language).sections
        if words and all(word in f"{section.title} {section.text}".casefold() for word in words)
    ]
    return sorted(hits, key=lambda hit: not any(word in hit.section.title.casefold() for word in words))


def _around(text: str, words: list[str]) -> str:
    """Return the part of a text in which the first of the words stands; its beginning when none does."""
    places = [at for at in map(text.casefold().find, words) if at >= 0]
    start = max(0, min(places, default=0) - _AROUND)
    end = start + 2 * _AROUND
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
