"""The whole meaning of a drawing in plain Python, one person at a time: what the engine has to give in sets.

Times are whole seconds. The engine looks only when the clock stands at a look; a person who becomes due between two
looks goes on at the next one, and whatever comes after is counted from there.
"""

from bisect import bisect_left
from dataclasses import dataclass, field


@dataclass
class Walk:
    """One person's way: steps taken as (key, outlet, arrived, left), where she is, and since when."""

    person: int
    at: str
    arrived: int
    entered: int
    taken: list[tuple[str, str, int, int]] = field(default_factory=list)
    over: bool = False


def walks(drawing, person, entered, events, looks):
    """Return the walk of a person who came in at the look `entered`, after all `looks` (seconds, in order).

    `events` are the times at which what is waited for happened to her; each look knows those up to it.
    """
    walk = Walk(person, drawing.first, entered, entered)
    for look in looks[bisect_left(looks, entered) :]:
        while not walk.over and (outlet := _outlet(drawing.by_key[walk.at], walk, events, look)):
            walk.taken.append((walk.at, outlet, walk.arrived, look))
            target = drawing.targets.get((walk.at, outlet))
            walk.over = target is None
            if target is not None:
                walk.at, walk.arrived = target, look
    return walk


def _outlet(step, walk, events, look):
    """Return by which outlet she leaves the step at this look; None while she stays."""
    settings = step.settings
    if step.kind == "t_wait":
        return "next" if walk.arrived + settings["seconds"] <= look else None
    if step.kind == "t_branch":
        return "even" if (walk.person + len(step.key)) % 2 == 0 else "odd"
    if step.kind != "t_await":
        return "next"
    until = walk.arrived + settings["seconds"]
    since = walk.arrived if settings.get("since") == "arrived_at" else walk.entered
    if any(since < at <= min(look, until) for at in events):
        return "happened"
    return "timed_out" if look >= until else None
