"""Creating and changing contacts. Called by pages, the rep's quick-add and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.account_roles import roles
from contacts.errors import AddressTaken, Invalid, StaleEdit
from contacts.ledger.append import NewEvent, append
from contacts.people import accounts, address, phone, place
from contacts.people.models import Contact
from contacts.segments.touching import touch
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

_LINES = (
    "name", "title", "company", "language", "time_zone", "country", "region", "city", "postcode", "street", "source",
)  # fmt: skip


_LIMITS = {name: Contact._meta.get_field(name).max_length or 0 for name in (*_LINES, "email", "phone")}  # type: ignore[union-attr]


@dataclass(frozen=True)
class Profile:
    """What can be edited of a contact. `email` is "" for an anonymous visitor, `phone` as it was typed."""

    email: str = ""
    name: str = ""
    phone: str = ""
    title: str = ""
    company: str = ""
    account_roles: Sequence[str] = ()
    language: str = ""
    time_zone: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    postcode: str = ""
    street: str = ""
    birthday: date | None = None
    under_14: bool = False
    source: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, contact: Contact) -> "Profile":
        """Return the profile of a stored contact."""
        values = {part.name: getattr(contact, part.name) for part in fields(cls)}
        return cls(**{**values, "email": contact.email or "", "account_roles": tuple(contact.account_roles)})

    def checked(self) -> "Profile":
        """Return it cleaned, address and phone in their normal form. Raises Invalid with the fields that are wrong."""
        errors = self._line_errors()
        clean = {name: clean_line(getattr(self, name)) for name in _LINES if name not in errors}
        clean |= self._normalised(errors)
        clean |= {
            name: written(clean[name], clean.get("country", ""))
            for name, written in (("region", place.region), ("city", place.city))
            if name in clean
        }
        if unknown := set(self.account_roles) - set(roles.keys_among(self.account_roles)):
            errors["account_roles"] = _("There is no role “%(role)s”.") % {"role": min(unknown)[:60]}
        errors |= {
            name: _("At most %(limit)d characters, please.") % {"limit": limit}
            for name, text in clean.items()
            if len(text) > (limit := _LIMITS[name])
        }
        if errors:
            raise Invalid(errors)
        return replace(self, **clean)  # type: ignore[arg-type]  # all are texts

    def _line_errors(self) -> dict[str, str]:
        errors = {}
        for name in _LINES:
            try:
                clean_line(getattr(self, name))
            except ForbiddenCharacter:
                errors[name] = _("Line breaks and control characters are not allowed here.")
        return errors

    def _normalised(self, errors: dict[str, str]) -> dict[str, str]:
        clean = {}
        try:
            clean["email"] = address.normalise(self.email) if self.email.strip() else ""
        except address.BadAddress:
            errors["email"] = _("This is no e-mail address. Write it like name@example.com.")
        try:
            clean["phone"] = phone.normalise(self.phone) if self.phone.strip() else ""
        except phone.BadPhone:
            errors["phone"] = _("This is no phone number. Write it like 010-1234-5678.")
        return clean


def _columns(profile: Profile, now: datetime) -> dict[str, Any]:
    """Return the columns of a checked profile, with those that follow from it."""
    account = accounts.named(profile.company, now=now)
    return {
        **asdict(profile),
        "email": profile.email or None,
        "email_key": address.email_key(profile.email) if profile.email else "",
        "account_roles": list(profile.account_roles),
        "account_id": account.pk if account else None,
        "updated_at": now,
    }


def _refuse_taken(email: str, but: int = 0) -> None:
    if email and (
        taken := Contact.objects.live().filter(email=email).exclude(pk=but).values_list("pk", flat=True).first()
    ):
        raise AddressTaken(taken)


@transaction.atomic
def create(profile: Profile, *, owner: User | None = None, by: User | None, now: datetime) -> Contact:
    """Create and return a contact. Raises Invalid, AddressTaken when the address is known."""
    clean = profile.checked()
    if not (clean.email or clean.name or clean.phone):
        raise Invalid({"name": _("Give a name, an address or a phone number.")})
    _refuse_taken(clean.email)
    columns = _columns(clean, now)
    try:
        with transaction.atomic():
            contact = Contact.objects.create(**columns, owner=owner, created_at=now)
    except IntegrityError:
        _refuse_taken(clean.email)
        raise
    event = NewEvent(contact.pk, "contact.created", now, properties=_by(by) | {"source": clean.source})
    append([event], source="people", now=now)
    return contact


@transaction.atomic
def update(contact_id: int, profile: Profile, *, version: int, by: User | None, now: datetime) -> Contact:
    """Change and return the contact; what is unchanged makes no event.

    Raises Invalid, AddressTaken, and StaleEdit when `version` is no longer the current one. A repeat is stale.
    """
    clean = profile.checked()
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    if contact.version != version:
        raise StaleEdit(contact)
    before = asdict(Profile.of(contact))
    changed = sorted(name for name, value in asdict(clean).items() if before[name] != value)
    if not changed:
        return contact
    _refuse_taken(clean.email, but=contact_id)
    return _write(contact, clean, changed, by=by, now=now)


def _write(contact: Contact, clean: Profile, changed: list[str], *, by: User | None, now: datetime) -> Contact:
    columns, left = _columns(clean, now), contact.account_id
    if "company" not in changed:
        del columns["account_id"]
    for name, value in columns.items():
        setattr(contact, name, value)
    contact.version += 1
    try:
        with transaction.atomic():
            contact.save(update_fields=[*columns, "version"])
    except IntegrityError:
        _refuse_taken(clean.email, but=contact.pk)
        raise
    event = NewEvent(contact.pk, "contact.updated", now, properties=_by(by) | {"changed": changed})
    append([event], source="people", now=now)
    if left is not None and left != contact.account_id:  # she is no colleague of theirs any more
        touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = %s", [left])
    return contact


def _by(user: User | None) -> dict[str, Any]:
    return {"by": user.pk} if user else {}
