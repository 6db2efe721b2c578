"""Verbs on accounts (companies)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute, Target
from contacts.errors import Invalid, StaleEdit
from contacts.people import industry
from contacts.people.account_tree import check_parent
from contacts.people.company import BadBusinessNumber, business_number, name_key
from contacts.people.models import Account
from contacts.people.place import city
from contacts.segments.touching import touch
from crm.kit.text import ForbiddenCharacter, clean_line

_LINES = ("name", "domain", "industry", "country", "city")
RENEWAL = ("contract_end", "renewal_probability", "renewal_value")  # one question: will they stay, for how much?
_TOO_MUCH = Decimal(10) ** 12


@dataclass(frozen=True)
class AccountProfile:
    """What can be edited of an account."""

    name: str
    domain: str = ""
    business_number: str = ""
    industry: str = ""
    employees: int | None = None
    country: str = ""
    city: str = ""
    owner_id: int | None = None
    parent_id: int | None = None
    contract_end: date | None = None
    renewal_probability: int | None = None  # percent
    renewal_value: Decimal | None = None  # in the company's currency
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def checked(self) -> "AccountProfile":
        """Return it cleaned. Raises Invalid with the fields that are wrong."""
        values, errors = asdict(self), {}
        for name in _LINES:
            try:
                values[name] = clean_line(values[name])
            except ForbiddenCharacter:
                errors[name] = _("Line breaks and control characters are not allowed here.")
        if self.business_number.strip():
            try:
                values["business_number"] = business_number(self.business_number)
            except BadBusinessNumber:
                errors["business_number"] = _("This is no business registration number: its check digit does not fit.")
        if not values["name"] and "name" not in errors:
            errors["name"] = _("An account needs a name.")
        if self.renewal_probability is not None and not 0 <= self.renewal_probability <= 100:
            errors["renewal_probability"] = _("A chance is between 0 and 100 percent.")
        if self.renewal_value is not None and not 0 <= self.renewal_value < _TOO_MUCH:
            errors["renewal_value"] = _("This is no amount.")
        if errors:
            raise Invalid(errors)
        country = values["country"].upper()
        values |= {"domain": values["domain"].lower(), "country": country, "city": city(values["city"], country)}
        values["industry"] = industry.written(values["industry"])
        return AccountProfile(**values)


def create(profile: AccountProfile, *, now: datetime) -> Account:
    """Create and return an account. Raises Invalid; a taken registration number is one of the errors."""
    clean = profile.checked()
    try:
        with transaction.atomic():
            check_parent(None, clean.parent_id)
            return Account.objects.create(
                **asdict(clean), name_key=name_key(clean.name), created_at=now, updated_at=now
            )
    except IntegrityError as error:
        raise _taken() from error


@transaction.atomic
def update(account_id: int, profile: AccountProfile, *, version: int, now: datetime) -> Account:
    """Change and return the account. Raises Invalid, StaleEdit when `version` is no longer the current one."""
    clean = profile.checked()
    clean = replace(clean, attributes=_retired(account_id) | dict(clean.attributes))
    fields = {**asdict(clean), "name_key": name_key(clean.name), "updated_at": now, "version": F("version") + 1}
    try:
        with transaction.atomic():
            check_parent(account_id, clean.parent_id)
            changed = Account.objects.filter(pk=account_id, version=version).update(**fields)
    except IntegrityError as error:
        raise _taken() from error
    account = Account.objects.get(pk=account_id)
    if not changed:
        raise StaleEdit(account)
    touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = %s", [account_id])
    return account


def create_many(profiles: Sequence[AccountProfile], *, now: datetime) -> list[int]:
    """Create accounts of checked profiles and return their ids. Raises IntegrityError when a number is taken."""
    made = Account.objects.bulk_create(
        Account(**asdict(profile), name_key=name_key(profile.name), created_at=now, updated_at=now)
        for profile in profiles
    )
    return [account.pk for account in made]


def change_many(changes: Sequence[tuple[Account, AccountProfile]], *, now: datetime) -> None:
    """Give locked accounts checked profiles, without a change of parents. Raises IntegrityError for a taken number."""
    for account, profile in changes:
        for name, value in {**asdict(profile), "name_key": name_key(profile.name), "updated_at": now}.items():
            setattr(account, name, value)
        account.version += 1
    columns = [*(part.name for part in fields(AccountProfile)), "name_key", "updated_at", "version"]
    rows = [account for account, _profile in changes]
    Account.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=columns)
    ids = [account.pk for account in rows]
    if ids:
        touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = ANY(%s)", [ids])


def _retired(account_id: int) -> dict[str, Any]:
    """Return the values of attributes that no form shows any more; they are kept."""
    keys = Attribute.objects.filter(target=Target.ACCOUNT, retired_at__isnull=False).values_list("key", flat=True)
    stored = Account.objects.filter(pk=account_id).values_list("attributes", flat=True).first() or {}
    return {key: stored[key] for key in keys if key in stored}


def _taken() -> Invalid:
    return Invalid({"business_number": _("Another account has this business registration number.")})


@transaction.atomic
def named(name: str, *, now: datetime) -> Account | None:
    """Return the account of that name whatever its legal form, made when there is none; None for an empty name."""
    clean = clean_line(name)
    if not clean:
        return None
    key = name_key(clean)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", ["account:" + key])
    found = Account.objects.filter(name_key=key).order_by("id").first()
    return found or create(AccountProfile(name=clean), now=now)
