"""Reads that are slow only on large sets: their answer is kept for some seconds, in proportion to what it cost."""

from collections.abc import Callable
from time import monotonic

from django.core.cache import cache

SLOW_SECONDS = 0.05
KEEP = 40  # an answer that took 0.1 s is kept for 4 s, one that took 1 s for 40 s; a quick one not at all


def kept[T](key: str, read: Callable[[], T]) -> T:
    """Return what `read` gives, or what it gave a moment ago when it is slow. Never keep rows of models here."""
    found: T | None = cache.get(key)
    if found is not None:
        return found
    began = monotonic()
    fresh = read()
    if (took := monotonic() - began) > SLOW_SECONDS:
        cache.set(key, fresh, timeout=took * KEEP)
    return fresh
