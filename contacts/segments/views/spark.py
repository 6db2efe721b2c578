"""A small line without axes: how a number went over some days, as points of an SVG polyline."""

from collections.abc import Sequence
from datetime import date

WIDTH, HEIGHT, MARGIN = 96, 24, 2


def line(sizes: Sequence[tuple[date, int]], first: date, last: date) -> str:
    """Return "x,y x,y …" within WIDTH × HEIGHT; the lowest number stands at the bottom."""
    days = max(1, (last - first).days)
    low, high = min(n for _day, n in sizes), max(n for _day, n in sizes)
    room = HEIGHT - 2 * MARGIN
    return " ".join(
        f"{(day - first).days * WIDTH / days:.1f},{MARGIN + room - (n - low) * room / max(1, high - low):.1f}"
        for day, n in sizes
    )
