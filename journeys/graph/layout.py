"""Puts every step of a drawing on a place of its own: rows by the way from the start, lanes as they were chosen."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from journeys.graph.graph import Graph, Note, Step


def laid_out(graph: Graph) -> Graph:
    """Return the graph with new rows and columns.

    A step stands below all that lead to it, except back-links of loops; steps that nobody reaches come last. Within its
    lane a step stands under the one that leads to it, ways out side by side. Lanes, keys and links stay as they are.
    """
    rows = depths(graph)
    wishes = _Wishes(graph, rows)
    columns: dict[str, int] = {}
    free: dict[tuple[str, int], int] = {}
    for row in sorted(set(rows.values())):
        here = [(wishes.column(step, columns), number, step) for number, step in wishes.of_row(row)]
        for wished, _number, step in sorted(here, key=lambda each: each[:2]):
            columns[step.key] = max(wished, free.get((step.lane, row), 0))
            free[step.lane, row] = columns[step.key] + 1
    steps = tuple(replace(step, row=rows[step.key], column=columns[step.key]) for step in graph.steps)
    return replace(graph, steps=steps, notes=_notes_aside(graph, free))


class _Wishes:
    """In which column each step would stand best."""

    def __init__(self, graph: Graph, rows: Mapping[str, int]) -> None:
        self.rows = rows
        self.by_row: dict[int, list[tuple[int, Step]]] = {}
        for number, step in enumerate(graph.steps):
            self.by_row.setdefault(rows[step.key], []).append((number, step))
        self.above: dict[str, list[tuple[str, int]]] = {}
        ways: dict[tuple[str, str], int] = {}
        for link in graph.links:
            source, target = graph.by_key.get(link.source), graph.by_key.get(link.target)
            if source and target and source.lane == target.lane and rows[source.key] < rows[target.key]:
                way = ways.get((source.key, source.lane), 0)
                ways[source.key, source.lane] = way + 1
                self.above.setdefault(target.key, []).append((source.key, way))

    def of_row(self, row: int) -> list[tuple[int, Step]]:
        """Return the steps of a row with their place in the drawing."""
        return self.by_row[row]

    def column(self, step: Step, placed: Mapping[str, int]) -> int:
        """Return under which column it would stand: that of the leftmost step that leads here."""
        return min((placed[source] + way for source, way in self.above.get(step.key, [])), default=0)


def depths(graph: Graph) -> dict[str, int]:
    """Return the row of each step: the longest way from the start, loops cut where they come back."""
    forward = _without_back_links(graph)
    rows = dict.fromkeys(graph.by_key, 0)
    waiting = dict.fromkeys(graph.by_key, 0)
    for targets in forward.values():
        for target in targets:
            waiting[target] += 1
    ready = deque(key for key, count in waiting.items() if count == 0)
    while ready:
        key = ready.popleft()
        for target in forward[key]:
            rows[target] = max(rows[target], rows[key] + 1)
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    return _unreached_below(graph, forward, rows)


def _without_back_links(graph: Graph) -> dict[str, list[str]]:
    """Return who follows whom, without the links that close a loop: found by walking in depth from the start."""
    after: dict[str, list[str]] = {key: [] for key in graph.by_key}
    for link in graph.links:
        if link.source in after and link.target in after and link.target not in after[link.source]:
            after[link.source].append(link.target)
    kept: dict[str, list[str]] = {key: [] for key in after}
    done: set[str] = set()
    for root in _roots(graph):
        if root in done:
            continue
        on_way = {root}
        stack = [(root, iter(after[root]))]
        while stack:
            key, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                done.add(key)
                on_way.discard(key)
                stack.pop()
            elif target not in on_way:
                kept[key].append(target)
                if target not in done:
                    on_way.add(target)
                    stack.append((target, iter(after[target])))
    return kept


def _roots(graph: Graph) -> list[str]:
    """Return where walks begin: the first step, then those without a link to them, then the rest (loops)."""
    targets = {link.target for link in graph.links}
    loose = [key for key in graph.by_key if key not in targets]
    first = [graph.first] if graph.first in graph.by_key else []
    return [*first, *loose, *graph.by_key]


def _unreached_below(graph: Graph, forward: Mapping[str, list[str]], rows: dict[str, int]) -> dict[str, int]:
    """Move what nobody reaches from the start below everything else, its own order kept."""
    if graph.first not in graph.by_key:
        return rows
    reached, ahead = {graph.first}, [graph.first]
    while ahead:
        for target in forward[ahead.pop()]:
            if target not in reached:
                reached.add(target)
                ahead.append(target)
    base = min((rows[key] for key in reached), default=0)
    bottom = max(rows[key] for key in reached) - base + 1
    return {key: row - base if key in reached else row + bottom for key, row in rows.items()}


def _notes_aside(graph: Graph, taken: Mapping[tuple[str, int], int]) -> tuple[Note, ...]:
    """Return the notes, each moved to the right of the steps of its row and lane."""
    free = dict(taken)
    moved = []
    for note in graph.notes:
        column = max(note.column, free.get((note.lane, note.row), 0))
        free[note.lane, note.row] = column + 1
        moved.append(replace(note, column=column))
    return tuple(moved)
