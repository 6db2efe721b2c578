"""What is known of a person or an account, as fields with words: for the pages, where each can be edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.account_roles import roles
from contacts.account_roles.models import AccountRole
from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.people import company, phone
from contacts.people.accounts import RENEWAL
from contacts.people.country import country_name
from contacts.people.forms import PREFIX
from contacts.people.models import Account, Contact
from crm.kit import figures


@dataclass(frozen=True)
class Fact:
    """One field: its name in the form, its label, its value in words ("" for none), and what a click on it does."""

    name: str
    label: str
    value: str
    url: str = ""
    copy: str = ""  # what the copy button puts on the clipboard

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return f"fact-{self.name}"


def of(row: Contact | Account) -> list[Fact]:
    """Return the facts of a person or an account that can be edited in place, custom attributes last."""
    if isinstance(row, Contact):
        return _of_person(row) + _custom(Target.CONTACT, row.attributes)
    return _of_account(row) + _custom(Target.ACCOUNT, row.attributes)


def _custom(target: Target, stored: dict[str, Any]) -> list[Fact]:
    attributes = Attribute.objects.offered(target)
    return [Fact(PREFIX + row.key, row.label, str(values.shown(row, stored.get(row.key)) or "")) for row in attributes]


def _of_person(contact: Contact) -> list[Fact]:
    number, mail = contact.phone, contact.email or ""
    played = roles.labels(contact.account_roles, AccountRole.objects.all()) if contact.account_roles else []
    return [
        Fact("name", _("Name"), contact.name),
        Fact("email", _("E-mail"), mail, f"mailto:{mail}" if mail else "", mail),
        Fact("phone", _("Phone"), phone.shown(number) if number else "", f"tel:{number}" if number else "", number),
        Fact("title", _("Title"), contact.title),
        Fact("company", _("Company"), contact.company),
        Fact("account_roles", _("Roles in the account"), ", ".join(played)),
        *_place(contact),
        Fact("language", _("Language"), str(dict(settings.LANGUAGES).get(contact.language, contact.language))),
        Fact("birthday", _("Birthday"), figures.calendar_day(contact.birthday) if contact.birthday else ""),
        Fact("under_14", _("Under 14"), _("Yes") if contact.under_14 else ""),
        Fact("source", _("Source"), contact.source),
    ]


def _place(contact: Contact) -> Sequence[Fact]:
    return (
        Fact("postcode", _("Postcode"), contact.postcode),
        Fact("region", _("Region"), contact.region),
        Fact("city", _("City"), contact.city),
        Fact("street", _("Street address"), contact.street),
        Fact("country", _("Country"), country_name(contact.country) if contact.country else ""),
    )


def _of_account(row: Account) -> list[Fact]:
    parent = row.parent
    site = f"https://{row.domain}" if row.domain else ""
    return [
        Fact("name", _("Name"), row.name),
        Fact("business_number", _("Business registration number"), company.shown_business_number(row.business_number)),
        Fact("domain", _("Web domain"), row.domain, site),
        Fact("industry", _("Industry"), row.industry_label),
        Fact("employees", _("Employees"), "" if row.employees is None else figures.count(row.employees)),
        Fact("country", _("Country"), country_name(row.country) if row.country else ""),
        Fact("city", _("City"), row.city),
        Fact("parent", _("Parent company"), parent.name if parent else ""),
        Fact("owner", _("Owner"), row.owner.name if row.owner else ""),
        *_renewal(row),
    ]


def _renewal(row: Account) -> Sequence[Fact]:
    end, chance, value = (getattr(row, name) for name in RENEWAL)
    return (
        Fact("contract_end", _("Contract ends"), figures.calendar_day(end) if end else ""),
        Fact("renewal_probability", _("Chance of renewal (%)"), "" if chance is None else f"{chance}%"),
        Fact("renewal_value", _("Value of the renewal"), "" if value is None else figures.money(value)),
    )
