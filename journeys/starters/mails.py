"""The mails of ready journeys: read from texts/KEY.md, made as templates in both languages when a journey begins.

A text file has one part a mail, "== key kind picture" (one of campaigns/templating/artwork, or none), and in it one
part a language, "-- en". That begins with Name, Subject and Preheader; then come blocks with empty lines between:
"# heading", "## small heading", "---", "[button]", and text. Buttons lead to the company's website.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from campaigns.templating import pictures, versions
from campaigns.templating.models import MailKind, MailTemplate
from campaigns.templating.starters import ARTWORK
from crm.team.models import User

TEXTS = Path(__file__).parent / "texts"
_DEFAULT = "ko"
_ALT = {
    "welcome": {"en": "A winding path towards the morning sun", "ko": "아침 해를 향해 굽이진 길"},
    "newsletter": {"en": "A newsletter and an envelope", "ko": "소식지와 편지 봉투"},
    "offer": {"en": "A voucher with a present", "ko": "선물이 그려진 할인 쿠폰"},
}
_ACCENTS = {"": "#1d5bbf", "welcome": "#1d5bbf", "newsletter": "#0b6a5f", "offer": "#9b2c63"}
_BUTTON = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class Letter:
    """What a mail says in one language; `blocks` are the paragraphs as they are written."""

    name: str
    subject: str
    preheader: str
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class ReadyMail:
    """One mail of a ready journey, in its languages."""

    key: str
    kind: MailKind
    picture: str
    letters: Mapping[str, Letter]

    @property
    def name(self) -> str:
        """What the template is called, in all languages."""
        return " · ".join(self.letters[code].name for code in sorted(self.letters, reverse=True))

    def content(self, site: str, asset: str) -> dict[str, Any]:
        """Return the content of a template (campaigns/templating/content.py); links lead to `site`, a host name."""
        languages = {code: _variant(letter, site, self._picture(code, asset)) for code, letter in self.letters.items()}
        return {"default": _DEFAULT, "accent": _ACCENTS[self.picture], "languages": languages}

    def _picture(self, code: str, asset: str) -> list[dict[str, Any]]:
        if not asset:
            return []
        alt = _ALT[self.picture][code]
        return [{"kind": "picture", "src": f"asset:{asset}", "alt": alt, "url": "", "width": "full"}]


def _variant(letter: Letter, site: str, picture: list[dict[str, Any]]) -> dict[str, Any]:
    blocks = [*picture, *(_block(text, site) for text in letter.blocks), {"kind": "footer", "note": ""}]
    return {
        "subject": letter.subject, "preheader": letter.preheader, "kind": "blocks", "blocks": blocks, "text": ""
    }  # fmt: skip


def _block(text: str, site: str) -> dict[str, Any]:
    if text == "---":
        return {"kind": "divider"}
    if button := _BUTTON.fullmatch(text):
        return {"kind": "button", "text": button[1], "url": f"https://{site}/", "align": "left"}
    for mark, size in (("## ", "small"), ("# ", "large")):
        if text.startswith(mark):
            return {"kind": "heading", "text": text.removeprefix(mark), "size": size, "align": "left"}
    return {"kind": "text", "text": text, "align": "left"}


def mails_of(starter: str) -> list[ReadyMail]:
    """Return the mails of a ready journey, in order."""
    text = (TEXTS / f"{starter}.md").read_text(encoding="utf-8")
    return [_mail(head, body) for head, body in _parts(text, "== ")]


def _mail(head: str, body: str) -> ReadyMail:
    key, kind, *picture = head.split()
    letters = {code: _letter(words) for code, words in _parts(body, "-- ")}
    return ReadyMail(key, MailKind(kind), picture[0] if picture else "", letters)


def _letter(words: str) -> Letter:
    first, *blocks = re.split(r"\n{2,}", words.strip())
    head = dict(line.split(": ", 1) for line in first.splitlines())
    return Letter(head["Name"], head["Subject"], head["Preheader"], tuple(blocks))


def _parts(text: str, mark: str) -> Iterator[tuple[str, str]]:
    """Yield the head of each part and what stands below it."""
    for part in f"\n{text}".split(f"\n{mark}")[1:]:
        head, _newline, body = part.partition("\n")
        yield head.strip(), body


@transaction.atomic
def ensure(starter: str, site: str, *, by: User | None, now: datetime) -> dict[str, int]:
    """Return the templates of a ready journey by the keys of its mails, made where they are not there yet.

    A template that somebody changed since is the company's own: it loses its mark, and another one is made.
    """
    return {mail.key: _ensured(f"journey:{starter}:{mail.key}", mail, site, by, now) for mail in mails_of(starter)}


def _ensured(mark: str, mail: ReadyMail, site: str, by: User | None, now: datetime) -> int:
    content = mail.content(site, _asset(mail.picture, now) if mail.picture else "")
    made = MailTemplate.objects.select_for_update().filter(starter=mark).first()
    if made is not None and (made.draft, made.kind) == (content, mail.kind):
        return made.pk
    MailTemplate.objects.filter(starter=mark).update(starter="")
    template = versions.create(mail.name, mail.kind, content, by=by, now=now)
    MailTemplate.objects.filter(pk=template.pk).update(starter=mark)
    versions.make_version(template, by=by, now=now)
    return template.pk


def _asset(picture: str, now: datetime) -> str:
    with (ARTWORK / f"{picture}.png").open("rb") as file:
        return pictures.take(file, name=f"{picture}.png", alt=_ALT[picture]["en"], by=None, now=now).key
