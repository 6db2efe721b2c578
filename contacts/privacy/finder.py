"""Which of many texts speak of some people. Used where texts are many: the trail of changes, notices.

One look-up a letter, however many names are looked for; LIKE ANY tries each name on each text (100 people in 8,000
entries of the trail: 1.8 s).
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import connection

_WIDEST = 6  # letters of a name that are looked up
_PIECE = 2_000  # texts read at once


class Finder:
    """Finds texts that hold one of `words`; all in small letters, as PostgreSQL writes them."""

    def __init__(self, words: Iterable[str]) -> None:
        wanted = [word for word in words if word]
        common = Counter(part for word in wanted for part in _parts(word))
        self._by_width: dict[int, dict[str, list[str]]] = {}
        for word in wanted:
            rarest = min(_parts(word), key=common.__getitem__)
            self._by_width.setdefault(len(rarest), {}).setdefault(rarest, []).append(word)

    def speaks(self, text: str) -> bool:
        """Tell whether the text holds one of the words."""
        for width, words in self._by_width.items():
            for place in range(len(text) - width + 1):
                found = words.get(text[place : place + width])
                if found and any(word in text for word in found):
                    return True
        return False

    def ids(self, select: str, limit: int) -> list[int]:
        """Return up to `limit` ids of the rows that speak of them.

        `select` yields (id, text in small letters) in the order of ids, after an id and at most so many.
        """
        found = []
        for number, text in _texts(select) if self._by_width else ():
            if self.speaks(text):
                found.append(number)
                if len(found) == limit:
                    break
        return found


def _parts(word: str) -> Iterator[str]:
    width = min(len(word), _WIDEST)
    return (word[place : place + width] for place in range(len(word) - width + 1))


def _texts(select: str) -> Iterator[tuple[int, str]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(select, [last, _PIECE])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _PIECE:
            return
        last = rows[-1][0]
