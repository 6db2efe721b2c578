"""How much bulk work one transaction takes on, learned from how long the last one took. Used by all work in ranges.

A transaction that writes holds up every follower of the ledger, so each kind of work aims at a time, not at a number.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """As many units (rows, ids, events) as are done in `seconds`, between `least` and `most`; begins with `width`."""

    def __init__(self, width: int, *, least: int, most: int, seconds: float) -> None:
        self.width = width
        self._least, self._most, self._seconds = least, most, seconds

    def learn(self, seconds: float) -> None:
        """Take how long the present width took. The next one is at most twice as wide, and as narrow as it must be."""
        fitting = int(self.width * self._seconds / max(seconds, 0.001))
        self.width = min(self._most, max(self._least, min(2 * self.width, fitting)))

    def narrow(self) -> None:
        """Begin again with the fewest."""
        self.width = self._least

    @contextmanager
    def timed(self) -> Iterator[int]:
        """Give the width for one transaction and learn from it, unless it failed."""
        started = time.monotonic()
        yield self.width
        self.learn(time.monotonic() - started)
