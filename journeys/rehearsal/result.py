"""What a rehearsal found, as it is kept and shown: numbers per step and outlet, mails, refusals, some people's ways."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SAMPLE = 24  # people whose whole way is kept


@dataclass
class Found:
    """Filled while the rehearsal runs. Keys of `left` are (step, outlet); of `mails` (step, reason, "" for a mail)."""

    days: int
    entered: int = 0
    people: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    ways: dict[int, list[list[Any]]] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return it as JSON: steps by key with `arrived`, `left` by outlet, `mails` by reason and `waiting`."""
        steps: dict[str, dict[str, Any]] = {}
        for key in self.arrived:
            steps[key] = {
                "arrived": self.arrived[key],
                "waiting": self.waiting[key],
                "left": {outlet: n for (step, outlet), n in self.left.items() if step == key},
                "mails": {reason: n for (step, reason), n in self.mails.items() if step == key},
            }
        return {
            "days": self.days,
            "entered": self.entered,
            "people": self.people,
            "mails": sum(n for (_step, reason), n in self.mails.items() if not reason),
            "refused": dict(self.refused),
            "ended": dict(self.ended),
            "steps": steps,
            "ways": [{"enrolment": number, "stops": stops} for number, stops in self.ways.items()],
        }

    def went(self, step: str, outlet: str, n: int, stops: list[list[Any]]) -> None:
        """Count `n` people who left a step; `stops` are [enrolment, contact, arrived, left] of those of the sample."""
        self.left[step, outlet] += n
        for number, contact, arrived, left in stops:
            if number in self.ways or len(self.ways) < SAMPLE:
                self.ways.setdefault(number, []).append([contact, step, outlet, arrived, left])
