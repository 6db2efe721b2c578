"""Sections of a person's page that apps above bring. Each loads by itself after the page, which it costs no query."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action, may


@dataclass(frozen=True)
class Section:
    """One section. `url_name` takes the contact's id: a page that answers htmx with the section alone."""

    key: str
    label: Any  # lazily translated
    url_name: str
    action: Action


SECTIONS: Registry[Section] = Registry("sections of a person", Section, lambda row: row.key)
SECTIONS.register(
    Section("orders", _("Orders"), "contacts:person-orders", Action.CONTACT_VIEW),
    Section("files", _("Files"), "contacts:person-files", Action.CONTACT_VIEW),
    Section("more", _("More"), "contacts:person-more", Action.CONTACT_VIEW),
)


def sections_for(user: User) -> list[Section]:
    """Return the sections that `user` may look at."""
    return [section for section in SECTIONS if may(user, section.action)]
