"""What many texts made from one template have in common: one text with places, and each text's values for them.

Exact by construction: every text is cut at its tags or lines, and only texts with the same number of pieces share one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TAGS = re.compile(r"(<[^>]*>)")
LINES = re.compile(r"(\n)")
NOWHERE = re.compile(r"(?!)")


@dataclass(frozen=True)
class Skeleton:
    """`fixed` and places take turns, beginning and ending with a fixed text; `values` has one list for each text."""

    fixed: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    def written(self, place: Callable[[int], str]) -> str:
        """Return the text with place(number) where a value goes."""
        return self.fixed[0] + "".join(place(number) + text for number, text in enumerate(self.fixed[1:]))


def shape(text: str, cuts: re.Pattern[str]) -> int:
    """Return the number of pieces of a text: only texts of one shape share a skeleton."""
    return len(cuts.split(text))


def shared(texts: Sequence[str], cuts: re.Pattern[str]) -> Skeleton:
    """Return the skeleton of texts that have one shape by these cuts. Raises ValueError where they have not."""
    columns = zip(*(cuts.split(text) for text in texts), strict=True)
    fixed, values = [""], [list[str]() for _ in texts]
    for column in columns:
        if all(piece == column[0] for piece in column):
            fixed[-1] += column[0]
            continue
        head, tail = _ends(column)
        fixed[-1] += head
        fixed.append(tail)
        for own, piece in zip(values, column, strict=True):
            own.append(piece[len(head) : len(piece) - len(tail)])
    return Skeleton(tuple(fixed), tuple(map(tuple, values)))


def _ends(pieces: Sequence[str]) -> tuple[str, str]:
    """Return with what all pieces begin, and with what they end after that."""
    head = _beginning(pieces)
    return head, _beginning([piece[len(head) :][::-1] for piece in pieces])[::-1]


def _beginning(texts: Sequence[str]) -> str:
    """Return the longest text with which all of them begin: whatever the least and the greatest share."""
    least, greatest = min(texts), max(texts)
    length = next((place for place, pair in enumerate(zip(least, greatest, strict=False)) if len(set(pair)) > 1), None)
    return least[:length]
