"""Drawings for tests, as JSON: steps and links in a few letters."""

from typing import Any

_FILLED = {"test_do": {"what": "good"}, "test_pause": {"days": 2}, "test_choice": {"ways": 2}}


def step(
    key: str, kind: str = "test_do", *, row: int = 0, column: int = 0, lane: str = "", **settings: Any
) -> dict[str, Any]:
    """Return one step; those of tests/journeys/kinds.py are filled in."""
    filled = _FILLED.get(kind, {})
    return {"key": key, "kind": kind, "settings": filled | settings, "lane": lane, "row": row, "column": column}


def drawing(*steps: dict[str, Any], links: str = "", first: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a drawing with a start by hand; links read "a>b a.way1>c"."""
    placed = [one | {"row": one["row"] or number} for number, one in enumerate(steps)]
    joined = []
    for link in links.split():
        source, target = link.split(">")
        name, _dot, outlet = source.partition(".")
        joined.append({"from": name, "outlet": outlet or "next", "to": target})
    begin = (steps[0]["key"] if steps else "") if first is None else first
    triggers = [{"key": "hand", "kind": "test_hand", "settings": {}}]
    return {"version": 1, "triggers": triggers, "first": begin, "steps": placed, "links": joined} | more
