"""The columns of the people list and of its files: what is built in, and the company's attributes.

`columns` in the query string says which are shown, in which order: `columns=name,stage,attribute.plan`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.attributes import values
from contacts.attributes.models import PREFIX, Attribute, Target
from contacts.people import cells, phone
from contacts.people.models import Contact

type Cell = str | int | float | date | datetime | None

ALWAYS = "name"  # leads to the person, so every list has it, first


@dataclass(frozen=True)
class Column:
    """One column: its plain value for a file and, where `draw` has nothing richer, for the list.

    `sort` is the key of an order of the list that an index bears, "" for none.
    """

    key: str
    label: Any  # lazily translated
    text: Callable[[Contact], Cell]
    draw: Callable[[Contact], str] | None = None
    sort: str = ""

    @property
    def is_own(self) -> bool:
        """Tell whether it is an attribute of the company's own."""
        return self.key.startswith(PREFIX)


def _consent(contact: Contact) -> str:
    state: list[Any] = contact.mail_consent  # type: ignore[attr-defined]  # set by with_rows
    return str(state[0].get_decision_display()) if state else ""


def _stage(contact: Contact) -> str:
    return contact.stage.label if contact.stage else ""


def _tags(contact: Contact) -> str:
    return ", ".join(link.tag.name for link in contact.tag_links.all())


def _plain(name: str) -> Callable[[Contact], Cell]:
    return lambda contact: getattr(contact, name)


BUILT_IN = (
    Column("name", gettext_lazy("Name"), _plain("name"), cells.name, "name"),
    Column("email", gettext_lazy("E-mail"), _plain("email"), sort="email"),
    Column("phone", gettext_lazy("Phone"), lambda person: phone.shown(person.phone) if person.phone else ""),
    Column("title", gettext_lazy("Title"), _plain("title")),
    Column("company", gettext_lazy("Company"), _plain("company"), cells.company),
    Column("stage", gettext_lazy("Stage"), _stage, cells.stage),
    Column("since", gettext_lazy("In the stage since"), _plain("stage_since"), sort="since"),
    Column("owner", gettext_lazy("Owner"), lambda person: person.owner.name if person.owner else ""),
    Column("tags", gettext_lazy("Tags"), _tags, cells.tags),
    Column("mails", gettext_lazy("Mails"), _consent, cells.mails),
    Column("city", gettext_lazy("City"), _plain("city"), sort="city"),
    Column("region", gettext_lazy("Region"), _plain("region")),
    Column("country", gettext_lazy("Country"), _plain("country")),
    Column("postcode", gettext_lazy("Postcode"), _plain("postcode")),
    Column("street", gettext_lazy("Street address"), _plain("street")),
    Column("language", gettext_lazy("Language"), _plain("language")),
    Column("birthday", gettext_lazy("Birthday"), _plain("birthday")),
    Column("source", gettext_lazy("Source"), _plain("source")),
    Column("seen", gettext_lazy("Last seen"), lambda person: person.seen_at, cells.seen, "seen"),
    Column("created", gettext_lazy("Added"), _plain("created_at"), sort="created"),
    Column("updated", gettext_lazy("Changed"), _plain("updated_at")),
)  # fmt: skip
USUAL = ("name", "company", "stage", "owner", "tags", "mails", "seen", "created")


def _of(attribute: Attribute) -> Column:
    key = f"{PREFIX}{attribute.key}"
    return Column(key, attribute.label, partial(_value, attribute), sort=key if attribute.sort_ready_at else "")


def _value(attribute: Attribute, contact: Contact) -> str:
    value = contact.attributes.get(attribute.key)
    return "" if value is None else values.shown(attribute, value)


def usual() -> list[Column]:
    """Return the columns of a list where one does not choose."""
    return [column for column in BUILT_IN if column.key in USUAL]


def every() -> dict[str, Column]:
    """Return all columns by key: those built in, then the attributes in use."""
    own = [_of(attribute) for attribute in Attribute.objects.offered(Target.CONTACT)]
    return {column.key: column for column in (*BUILT_IN, *own)}


@dataclass(frozen=True)
class Chosen:
    """The columns of a list in their order, those that could be added, and the keys that mean nothing any more."""

    columns: Sequence[Column]
    others: Sequence[Column]
    gone: Sequence[str]


def chosen(query: QueryDict) -> Chosen:
    """Return the columns that a query string asks for; the usual ones when it names none."""
    known = every()
    asked = list(dict.fromkeys(key for value in query.getlist("columns") for key in value.split(",") if key))
    keys = [key for key in dict.fromkeys((ALWAYS, *(asked or USUAL))) if key in known]
    return Chosen(
        [known[key] for key in keys],
        [column for key, column in known.items() if key not in keys],
        [key for key in asked if key not in known],
    )


def gone(query: QueryDict) -> list[str]:
    """Return a sentence for each column that is asked for and does not exist any more."""
    missing = chosen(query).gone
    return [
        _("The column “%(key)s” does not exist any more.") % {"key": key.removeprefix(PREFIX)[:40]} for key in missing
    ]
