"""What the reader worked on last, for the finder before anything is typed."""

from contacts.people.models import Contact
from crm.home.search.hits import Hit
from crm.team.models import TrailEntry, User
from crm.team.permissions import may
from crm.team.trail.kinds import Kind, find

MOST = 6
LOOKED_AT = 100  # entries of the trail
_PERSON = "contact"


def changed_by(user: User) -> list[Hit]:
    """Return the last things that `user` changed and may still see, the newest first, in two queries."""
    named: dict[tuple[str, int], str] = {}
    for entry in TrailEntry.objects.filter(by=user).order_by("-id")[:LOOKED_AT]:
        key = (entry.kind, entry.object_id or 0)
        named[key] = named.get(key) or entry.label or ("-" if entry.verb == "deleted" else "")
    people = _people(user, [number for kind, number in named if kind == _PERSON])
    hits = [_hit(kind, number, label, user, people) for (kind, number), label in named.items()]
    return [hit for hit in hits if hit is not None][:MOST]


def _people(user: User, numbers: list[int]) -> dict[int, str]:
    found = Contact.objects.visible_to(user).filter(pk__in=numbers) if numbers else []
    return {person.pk: person.display_name for person in found}


def _hit(kind_key: str, number: int, label: str, user: User, people: dict[int, str]) -> Hit | None:
    kind = find(kind_key)
    if kind is None or not _is_open(kind, user):
        return None
    name = people.get(number, "") if kind.key == _PERSON else label
    return Hit(name, kind.url(number), "history", str(kind.label)) if number and name and name != "-" else None


def _is_open(kind: Kind, user: User) -> bool:
    """Tell whether `user` may open each of this kind; those that ask about each row are left out, but for people."""
    has_page = bool(kind.url_name) and kind.by_id
    return has_page and may(user, kind.action) and (kind.visible is None or kind.key == _PERSON)
