"""Colleagues named with @ in a text: who is meant, and how the text is shown."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crm.team.models import User


@dataclass(frozen=True)
class Span:
    """A piece of a note; `named`: it names a colleague."""

    text: str
    named: bool


def named_in(text: str, users: Iterable[User]) -> list[User]:
    """Return those of `users` whom `text` names as @Name, also with a Korean particle behind it; namesakes all."""
    colleagues = list(users)
    if "@" not in text or not (pattern := _pattern({user.name for user in colleagues})):
        return []
    found = {match.group(1).casefold() for match in pattern.finditer(text)}
    return [user for user in colleagues if user.name.casefold() in found]


def spans(text: str, names: Collection[str]) -> Sequence[Span]:
    """Cut a text at the @names of `names`."""
    pattern = _pattern(names)
    if pattern is None:
        return [Span(text, named=False)]
    pieces = pattern.split(text)  # text, name, text, name … text
    cut = [Span(f"@{piece}" if place % 2 else piece, named=bool(place % 2)) for place, piece in enumerate(pieces)]
    return [span for span in cut if span.text]


def _pattern(names: Collection[str]) -> re.Pattern[str] | None:
    """Match the longest name first; a Latin name ends where no further letter or digit follows."""
    longest = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
    if not longest:
        return None
    each = "|".join(re.escape(name) + ("(?![A-Za-z0-9])" if name[-1].isascii() else "") for name in longest)
    return re.compile(f"@({each})", re.IGNORECASE)
