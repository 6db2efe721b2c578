"""A small line without axes: how a number went, as points of an SVG polyline."""

from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 96, 24, 2


def line(sizes: Sequence[int]) -> str:
    """Return "x,y x,y …" within WIDTH × HEIGHT for at least two numbers; the lowest one stands at the bottom."""
    low, high = min(sizes), max(sizes)
    across, room = WIDTH / (len(sizes) - 1), HEIGHT - 2 * MARGIN
    return " ".join(
        f"{place * across:.1f},{MARGIN + room - (n - low) * room / max(1, high - low):.1f}"
        for place, n in enumerate(sizes)
    )
