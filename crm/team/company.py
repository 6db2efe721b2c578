"""The company whose install this is: what mails and pages call it that no sender signs. Asked by all apps."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from crm.team.models import Company


class StaleCompany(Exception):
    """Somebody else changed the company since it was read; nothing was written."""


def company() -> Company:
    """Return the company; while nobody named it an unsaved one, named after DEFAULT_FROM_EMAIL (else its domain)."""
    return Company.objects.first() or Company(name=_named_by_settings(), version=0)


def _named_by_settings() -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name or address.rpartition("@")[2]


def own_sender() -> str:
    """Return the From of mails that the product itself sends to people: the company's name at DEFAULT_FROM_EMAIL."""
    return str(Address(company().name, addr_spec=parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def describe(details: Mapping[str, str], *, version: int) -> None:
    """Keep name, postal address and phone; `version` is that of the company that was read. Raises StaleCompany."""
    if version:
        if not Company.objects.filter(version=version).update(**details, version=F("version") + 1):
            raise StaleCompany
        return
    try:
        with transaction.atomic():
            Company.objects.create(**details)
    except IntegrityError as error:
        raise StaleCompany from error
