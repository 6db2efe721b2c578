"""Where the loops of a drawing begin anew."""

from collections import defaultdict
from collections.abc import Mapping, Set

from journeys.graph.graph import Graph, Link


def rounds(graph: Graph, waiting: Set[str]) -> Mapping[str, set[str]]:
    """Return by step the outlets that lead into a step that waits and, since the last such step, back in the drawing.

    `waiting`: the steps at which people wait. Every loop that has one of them has such an outlet.
    """
    looped, place = _looped(graph), {step.key: (step.row, step.column, n) for n, step in enumerate(graph.steps)}
    leading: dict[str, list[Link]] = defaultdict(list)
    for link in graph.ways:
        if (link.source, link.target) in looped:
            leading[link.source].append(link)
    found: dict[str, set[str]] = defaultdict(set)
    for start in waiting:
        seen, ahead = {start}, [start]
        while ahead:
            for link in leading[ahead.pop()]:
                if link.target in waiting:
                    if place[link.target] <= place[start]:
                        found[link.source].add(link.outlet)
                elif link.target not in seen:
                    seen.add(link.target)
                    ahead.append(link.target)
    return found


def _looped(graph: Graph) -> set[tuple[str, str]]:
    """Return the connections that are part of a loop, or lie between two."""
    left, links = set[tuple[str, str]](), {(link.source, link.target) for link in graph.ways}
    while links != left:
        left = links
        sources, targets = {source for source, _ in left}, {target for _, target in left}
        links = {(source, target) for source, target in left if source in targets and target in sources}
    return left
