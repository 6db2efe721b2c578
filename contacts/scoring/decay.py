"""The arithmetic of fading points, in closed form; times aware, half-lives in days.

A point given at t counts half after one half-life. Kept is S = Σ points · 2^((t − t₀) / h), whose order among people
never changes; the score at any time is S · 2^(−(now − t₀) / h), and "score ≥ x" is S ≥ x · 2^((now − t₀) / h), which is
a constant for a query.
"""

import math
from datetime import datetime, timedelta

SHORTEST_HALF_LIFE = 3.0
# 2^1023 is the largest power a float8 holds; well before that the anchor t₀ is moved (contacts.scoring.anchor).
LONGEST_REACH = 400.0


def half_lives(anchor: datetime, at: datetime, half_life: float) -> float:
    """Return how many half-lives lie between the anchor and `at` (negative before it)."""
    return (at - anchor) / timedelta(days=half_life)


def kept(points: float, at: datetime, *, anchor: datetime, half_life: float) -> float:
    """Return what `points` given at `at` add to S."""
    return points * math.exp2(half_lives(anchor, at, half_life))


def faded(total: float, now: datetime, *, anchor: datetime, half_life: float) -> float:
    """Return the score at `now` of a kept sum S."""
    return total * math.exp2(-half_lives(anchor, now, half_life))


def threshold(score: float, now: datetime, *, anchor: datetime, half_life: float) -> float:
    """Return the S that a score of `score` has at `now`; compare the kept sums with it."""
    return kept(score, now, anchor=anchor, half_life=half_life)
