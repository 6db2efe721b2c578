"""What changed between two versions of a rule: in words, and line by line in the JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_KINDS = {"equal": "same", "delete": "gone", "insert": "added"}


@dataclass(frozen=True)
class Piece:
    """A run of words or a line: same, added or gone."""

    kind: str
    text: str


def of_words(before: str, after: str) -> list[Piece]:
    """Return the later sentence with what came and what went."""
    return [Piece(kind, " ".join(words)) for kind, words in _runs(before.split(), after.split())]


def of_lines(before: Any, after: Any) -> list[Piece]:
    """Return the lines of two JSON values, each marked."""
    old, new = (json.dumps(one, ensure_ascii=False, indent=1).splitlines() for one in (before, after))
    return [Piece(kind, line) for kind, lines in _runs(old, new) for line in lines]


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterable[tuple[str, Sequence[str]]]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "replace":
            yield "gone", before[i:j]
            yield "added", after[k:m]
        else:
            yield _KINDS[tag], before[i:j] if tag == "delete" else after[k:m]
