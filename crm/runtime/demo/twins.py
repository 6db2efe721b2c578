"""Some people of the demo are in the list twice, as in every list: under a second address."""

from contacts.people import address
from contacts.people.models import Account, Contact

SHOPPERS, STAFF = 18, 6
_STEP = 37  # every so manieth person has a twin


def make(shoppers: list[Contact], staff: list[Contact]) -> None:
    """Let the last few of each be others who are there already; nothing is saved here."""
    known = [contact for contact in shoppers[:-SHOPPERS] if contact.name and contact.email][::_STEP]
    for one, twin in zip(known, shoppers[-SHOPPERS:], strict=False):
        login, _at, domain = str(one.email).partition("@")
        _become(twin, one, f"{login}+shop@{domain}")
    for one, twin in zip(staff[::_STEP], staff[-STAFF:], strict=False):
        login, _at, domain = str(one.email).partition("@")
        _become(twin, one, f"{login}.old@{domain}")
        twin.company, twin.account = one.company, one.account


def _become(twin: Contact, one: Contact, email: str) -> None:
    twin.name, twin.phone, twin.language = one.name, one.phone or twin.phone, one.language
    twin.email, twin.email_key = email, address.email_key(email)


def set_parents(accounts: list[Account]) -> None:
    """Put two of the stored companies below another one, and one below that."""
    for child, parent in ((1, 0), (2, 0), (3, 1)):
        accounts[child].parent = accounts[parent]
    Account.objects.bulk_update(accounts[1:4], ["parent"])
