"""Joining words to phrases in both languages. Whole sentences are patterns; a Korean one names both particles."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.kit.text import josa

_SHOWN = 6
# In a Korean pattern: "%(field)s[이/가] %(value)s임"; the right one of the two stays.
_PARTICLE = re.compile(r"\[([가-힣]{1,3}/[가-힣]{1,3})\]")
_REMARK = re.compile(r"\s*\([^()]*\)$")  # it is not read aloud: the particle follows the word before it


def quoted(name: str) -> str:
    """Return a name or chosen value in the quotation marks of the language."""
    return _("“%(name)s”") % {"name": name}


def either(words: Sequence[str]) -> str:
    """Return "a, b or c"; of many the first six and how many more."""
    return _joined(words, _("%(first)s or %(last)s"))


def neither(words: Sequence[str]) -> str:
    """Return "a, b or c" as it is said where none of them is meant; English says it like `either`."""
    return _joined(words, pgettext("none of them", "%(first)s or %(last)s"))


def each(words: Sequence[str]) -> str:
    """Return "a, b and c"; of many the first six and how many more."""
    return _joined(words, _("%(first)s and %(last)s"))


def _joined(words: Sequence[str], pattern: str) -> str:
    if len(words) > _SHOWN + 1:
        more = len(words) - _SHOWN
        rest = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
        return _joined([*words[:_SHOWN], rest], pattern)
    if len(words) < 2:
        return "".join(words)
    return filled(pattern, first=", ".join(words[:-1]), last=words[-1])


def filled(pattern: str, **words: str) -> str:
    """Return a translated pattern with its words, each Korean particle chosen by what stands before it."""
    return with_particles(str(pattern) % words)


def with_particles(text: str) -> str:
    """Choose each "[은/는]" by the letter before it."""
    pieces = _PARTICLE.split(text)
    said = pieces[0]
    for pair, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        said += josa(_REMARK.sub("", said), pair) + rest
    return said


class Phrase(Promise):
    """A translated pattern with translated words, put together when it is shown."""

    def __init__(self, pattern: str | Promise, words: Mapping[str, Any]) -> None:
        self._pattern, self._words = pattern, dict(words)

    def __str__(self) -> str:
        return with_particles(str(self._pattern) % {key: str(word) for key, word in self._words.items()})
