"""One person's way over the canvas: which cards she stood at and which connections she took. For the live page."""

from dataclasses import asdict, dataclass
from typing import Any

from django.urls import reverse

from contacts.people.models import Contact
from crm.team.models import User
from journeys.results.tracing import Way, ways


@dataclass(frozen=True)
class Walked:
    """Steps by key, connections as (step, outlet), the first ("", "start"), and where she stands ("" when out)."""

    name: str
    url: str
    steps: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    here: str

    def stored(self) -> dict[str, Any]:
        """Return it as JSON for the canvas."""
        return asdict(self)


def walked(user: User, number: str, journey_id: int) -> Walked | None:
    """Return the newest way through the journey of the person with this number.

    None for what is no number, for somebody whom the user may not see, and for one who never came in.
    """
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    person = Contact.objects.visible_to(user).filter(pk=int(number)).first()
    found = ways([person.pk], journey_id) if person else []
    return _told(person, found[0]) if person and found else None


def _told(person: Contact, way: Way) -> Walked:
    taken = [(stop.key, stop.way) for stop in way.stops]
    steps = dict.fromkeys([*(key for key, _outlet in taken), way.here_key])
    url = reverse("journeys:person", args=[person.pk]) + f"#way-{way.enrolment.pk}"
    here = way.here_key if way.is_inside else ""
    return Walked(person.display_name, url, tuple(steps), (("", "start"), *taken), here)
