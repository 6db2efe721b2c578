"""Two people side by side: what differs, what holds of their consent, and what will move. Read by the merge page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.consent.models import Channel, ConsentState, Decision, Purpose
from contacts.consent.refusals import held_back
from contacts.identity.profile import ATTRIBUTE, PIECES, Piece
from contacts.ledger.kinds import KINDS
from contacts.ledger.queries import counts_by_kind
from contacts.people import phone
from contacts.people.country import country_name
from contacts.people.models import Contact
from crm.kit import figures

MOST_KINDS = 6


@dataclass(frozen=True)
class Line:
    """One piece of both profiles as text. `open` when both have something else, so that one must be chosen."""

    key: str
    label: str
    first: str
    second: str
    open: bool


def lines(first: Contact, second: Contact, *, may_assign: bool) -> list[Line]:
    """Return what is known of either; without `may_assign` the owner cannot be chosen."""
    found = [_line(piece, first, second) for piece in PIECES if piece.key != "owner" or may_assign]
    for attribute in Attribute.objects.offered(Target.CONTACT):
        one, other = (
            values.shown(attribute, each.attributes[attribute.key]) if attribute.key in each.attributes else ""
            for each in (first, second)
        )
        found.append(_compared(ATTRIBUTE + attribute.key, attribute.label, one, other))
    found.append(Line("added", _("Added"), figures.day(first.created_at), figures.day(second.created_at), open=False))
    found.append(Line("seen", _("Last seen"), _seen(first), _seen(second), open=False))
    return [line for line in found if line.first or line.second]


def _seen(contact: Contact) -> str:
    return figures.day(contact.seen_at) if contact.seen_at else ""


def _line(piece: Piece, first: Contact, second: Contact) -> Line:
    one, other = (_shown(piece, contact) for contact in (first, second))
    return _compared(piece.key, str(piece.label), one, other)


def _shown(piece: Piece, contact: Contact) -> str:
    shown = _SHOWN.get(piece.key)
    return shown(contact) if shown else str(getattr(contact, piece.columns[0]) or "")


def _compared(key: str, label: str, first: str, second: str) -> Line:
    return Line(key, label, first, second, bool(first and second and first != second))


def _place(contact: Contact) -> str:
    country = contact.country and country_name(contact.country)
    parts = (contact.postcode, country, contact.region, contact.city, contact.street)
    return " ".join(part for part in parts if part)


_SHOWN: dict[str, Callable[[Contact], str]] = {
    "phone": lambda contact: phone.shown(contact.phone) if contact.phone else "",
    "place": _place,
    "stage": lambda contact: contact.stage.label if contact.stage else "",
    "owner": lambda contact: contact.owner.name if contact.owner else "",
    "language": lambda contact: str(dict(settings.LANGUAGES).get(contact.language, contact.language)),
    "birthday": lambda contact: figures.calendar_day(contact.birthday) if contact.birthday else "",
    "under_14": lambda contact: _("Yes") if contact.under_14 else "",
}


@dataclass(frozen=True)
class ConsentRow:
    """What each said about one purpose and channel, and what holds after the merge."""

    label: str
    first: str
    second: str
    after: str
    held_back: bool


def consents(first: Contact, second: Contact) -> list[ConsentRow]:
    """Return a row for whatever either of the two spoke of."""
    said = {
        (state.purpose, state.channel, state.contact_id): Decision(state.decision)
        for state in ConsentState.objects.filter(contact__in=[first, second])
    }
    refused = set(held_back(first, second))
    keys = sorted({key[:2] for key in said} | refused)
    return [_consent(key, said.get((*key, first.pk)), said.get((*key, second.pk)), key in refused) for key in keys]


def _consent(key: tuple[str, str], one: Decision | None, other: Decision | None, refused: bool) -> ConsentRow:
    label = f"{Purpose(key[0]).label}, {Channel(key[1]).label}"
    after = Decision.WITHDRAWN if refused else one or other
    return ConsentRow(label, _decision(one), _decision(other), _decision(after), refused)


def _decision(said: Decision | None) -> str:
    return str(said.label) if said else _("unknown")


def moving(first: Contact, second: Contact) -> list[tuple[str, Any, Any]]:
    """Return (what, of the first, of the second) for all that comes together: activity by kind, lists, tags, orders."""
    one, other = counts_by_kind([first.pk]), counts_by_kind([second.pk])
    both = {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other} if key in KINDS}
    often = sorted(both, key=lambda key: (-both[key], key))[:MOST_KINDS]
    rows: list[tuple[str, Any, Any]] = [(_("All activity"), sum(one.values()), sum(other.values()))]
    rows += [(str(KINDS[key].label), one.get(key, 0), other.get(key, 0)) for key in often]
    rows.append((_("Orders"), first.orders.count(), second.orders.count()))
    rows.append((_("Lists"), _lists(first), _lists(second)))
    rows.append((_("Tags"), _tags(first), _tags(second)))
    return rows


def _lists(contact: Contact) -> str:
    return _listed(contact.list_links.values_list("fixed_list__name", flat=True).order_by("fixed_list__name"))


def _tags(contact: Contact) -> str:
    return _listed(contact.tag_links.values_list("tag__name", flat=True).order_by("tag__name"))


def _listed(names: Sequence[str] | Any) -> str:
    return ", ".join(names) or "–"
