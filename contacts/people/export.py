"""People as a CSV file: with a reason, written down, and harmless to a spreadsheet."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.errors import Invalid
from contacts.people import phone
from contacts.people.models import Contact, ContactQuerySet, PeopleExport
from contacts.people.queries import with_rows
from contacts.people.selection import Selection
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")


def neutral(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula; an import takes the apostrophe off again."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def noted(selection: Selection, reason: str, *, by: User, now: datetime) -> PeopleExport:
    """Write down who takes how many people out and why. Raises Invalid without a reason."""
    try:
        clean = clean_line(reason)
    except ForbiddenCharacter as error:
        raise Invalid({"reason": _("Line breaks and control characters are not allowed here.")}) from error
    if not 3 <= len(clean) <= 300:
        raise Invalid({"reason": _("Say in a few words what the file is for.")})
    people = selection.people(by).count()
    query = selection.query or "contact=" + ",".join(str(number) for number in selection.ids)
    return PeopleExport.objects.create(by=by, at=now, reason=clean, query=query, people=people)


def lines(people: ContactQuerySet) -> Iterator[str]:
    """Yield the file piece by piece, first the BOM and the header; memory stays bounded."""
    attributes = list(Attribute.objects.filter(target=Target.CONTACT))
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([neutral(title) for title in _header(attributes)])
    rows = with_rows(people).order_by("pk")
    for contact in rows.iterator(chunk_size=1000):
        yield writer.writerow([neutral(cell) for cell in _row(contact, attributes)])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _header(attributes: list[Attribute]) -> list[str]:
    own = [
        _("E-mail"), _("Name"), _("Phone"), _("Title"), _("Company"), _("Stage"), _("Owner"), _("City"), _("Postcode"),
        _("Street address"), _("Language"), _("Source"), _("Tags"), _("Marketing by e-mail"), _("Added"),
    ]  # fmt: skip
    return own + [attribute.label for attribute in attributes]


def _row(contact: Contact, attributes: list[Attribute]) -> list[str]:
    consent: list[Any] = contact.mail_consent  # type: ignore[attr-defined]  # set by with_rows
    own = [
        contact.email or "", contact.name, phone.shown(contact.phone) if contact.phone else "", contact.title,
        contact.company, contact.stage.label if contact.stage else "", contact.owner.name if contact.owner else "",
        contact.city, contact.postcode, contact.street, contact.language, contact.source,
        ", ".join(link.tag.name for link in contact.tag_links.all()),
        str(consent[0].get_decision_display()) if consent else "", contact.created_at.isoformat(timespec="seconds"),
    ]  # fmt: skip
    return own + [values.as_text(attribute, contact.attributes.get(attribute.key)) for attribute in attributes]
