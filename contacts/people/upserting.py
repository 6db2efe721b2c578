"""Adding or changing many people at once, each by address or by another system's key. Called by the API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.keys import linking
from contacts.keys.models import KeySource
from contacts.ledger.append import NewEvent, append
from contacts.people import accounts, address
from contacts.people.models import Account, Contact
from contacts.people.profile import Profile
from contacts.segments.touching import touch
from crm.team.models import Role, User

MOST = 1_000  # people at once: well under a second
_COLUMNS = (
    "email", "email_key", "name", "phone", "title", "company", "account", "account_roles", "language", "time_zone",
    "country", "region", "city", "postcode", "street", "birthday", "under_14", "source", "attributes", "updated_at",
    "version",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One person: found by `external_id`, else by `email`; `write` turns her profile into the wanted one.

    `write` may raise Invalid, which refuses this row alone.
    """

    email: str
    external_id: str
    write: Callable[[Profile], Profile]


@dataclass(frozen=True)
class Outcome:
    """What became of a row: created, updated, unchanged or refused (`errors` by field); of which contact."""

    result: str
    contact_id: int | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Case:
    row: Row
    before: Contact | None
    profile: Profile | None = None
    errors: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    after: Contact | None = None
    left: int | None = None  # the account she is no colleague of any more

    def outcome(self) -> Outcome:
        if self.errors or self.after is None:
            return Outcome("refused", None, self.errors)
        result = "created" if self.before is None else "updated" if self.changed else "unchanged"
        return Outcome(result, self.after.pk)


def upsert(rows: Sequence[Row], *, by: User, now: datetime) -> list[Outcome]:
    """Add or change these people (at most MOST) and return what became of each, in order; a repeat changes nothing.

    A row that is wrong is refused, the others are written, all in one transaction. Who is not visible to `by` is not
    touched. Raises Invalid when somebody adds the same people at this very moment, twice over.
    """
    for _attempt in range(2):
        try:
            with transaction.atomic():
                return _upsert(rows, by, now)
        except IntegrityError:
            continue
    raise Invalid({"contacts": _("Somebody else is adding the same people. Send this again.")})


def _upsert(rows: Sequence[Row], by: User, now: datetime) -> list[Outcome]:
    cases = _found(rows, by)
    _refuse_doubles(cases)
    for case in cases:
        _judge(case)
    _refuse_taken(cases)
    ready = [case for case in cases if not case.errors]
    companies = _companies(ready, now)
    for case in ready:
        _shape(case, companies, by, now)
    _write(ready, by, now)
    keys = {case.row.external_id: case.after.pk for case in ready if case.row.external_id and case.after}
    linking.link(KeySource.EXTERNAL, keys)
    return [case.outcome() for case in cases]


def _found(rows: Sequence[Row], by: User) -> list[_Case]:
    by_key = linking.known(KeySource.EXTERNAL, [row.external_id for row in rows if row.external_id])
    emails = {email for row in rows if (email := _normal(row.email))}
    living = Contact.objects.live()
    by_email = {str(email): pk for email, pk in living.filter(email__in=emails).values_list("email", "pk")}
    ids = {*by_key.values(), *by_email.values()}
    locked = living.select_for_update().filter(pk__in=ids).order_by("pk")
    stored = {contact.pk: contact for contact in locked}
    visible = set(Contact.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    return [_case(row, by_key, by_email, stored, visible) for row in rows]


def _case(
    row: Row, by_key: Mapping[str, int], by_email: Mapping[str, int], stored: Mapping[int, Contact], visible: set[int]
) -> _Case:
    number = by_key.get(row.external_id) if row.external_id else None
    number = number or by_email.get(_normal(row.email))
    case = _Case(row, stored.get(number) if number else None)
    if number and number not in visible:
        case.errors["email"] = _("There is already a contact with this address.")
    if not row.email and not row.external_id:
        case.errors["email"] = _("Write an e-mail address or an external_id.")
    return case


def _normal(email: str) -> str:
    try:
        return address.normalise(email) if email else ""
    except address.BadAddress:
        return ""


def _refuse_doubles(cases: Iterable[_Case]) -> None:
    """Of rows about one person only the first counts: the second would not see what the first writes."""
    seen: set[tuple[str, Any]] = set()
    for case in cases:
        marks: set[tuple[str, Any]] = {("email", _normal(case.row.email)), ("key", case.row.external_id)}
        marks = {mark for mark in marks if mark[1]} | ({("id", case.before.pk)} if case.before else set())
        if marks & seen:
            case.errors.setdefault("email", _("This person stands in the list twice."))
        seen |= marks


def _judge(case: _Case) -> None:
    if case.errors:
        return
    start = Profile.of(case.before) if case.before else Profile()
    try:
        case.profile = case.row.write(start).checked()
    except Invalid as error:
        case.errors.update(error.errors)
        return
    old = asdict(start)
    case.changed = sorted(name for name, value in asdict(case.profile).items() if old[name] != value)


def _refuse_taken(cases: Sequence[_Case]) -> None:
    wanted = {case.profile.email for case in cases if case.profile and "email" in case.changed and case.profile.email}
    owners = dict(Contact.objects.live().filter(email__in=wanted).values_list("email", "pk"))
    for case in cases:
        owner = owners.get(case.profile.email) if case.profile else None
        if owner is not None and (case.before is None or owner != case.before.pk):
            case.errors["email"] = _("There is already a contact with this address.")


def _companies(cases: Iterable[_Case], now: datetime) -> dict[str, Account | None]:
    names = sorted({case.profile.company for case in cases if case.profile and "company" in case.changed})
    return {name: accounts.named(name, now=now) for name in names}


def _shape(case: _Case, companies: Mapping[str, Account | None], by: User, now: datetime) -> None:
    """Make the row of the contact as it will stand."""
    assert case.profile is not None
    owner = by if by.role == Role.SALES_REP else None
    contact = case.after = case.before or Contact(owner=owner, created_at=now, version=0)
    case.left = contact.account_id if "company" in case.changed and case.before else None
    for name in case.changed:
        setattr(contact, name, getattr(case.profile, name))
    contact.account_roles = list(case.profile.account_roles)
    contact.attributes = dict(case.profile.attributes)
    contact.email = case.profile.email or None
    contact.email_key = address.email_key(case.profile.email) if case.profile.email else ""
    if "company" in case.changed:
        contact.account = companies[case.profile.company]
    if case.changed or case.before is None:
        contact.updated_at = now
        contact.version += 1


def _write(cases: Sequence[_Case], by: User, now: datetime) -> None:
    new = [case for case in cases if case.before is None]
    changed = [case for case in cases if case.before is not None and case.changed]
    Contact.objects.bulk_create([case.after for case in new if case.after])
    _overwrite([case.after for case in changed if case.after])
    told = [_event(case, by, now) for case in [*new, *changed]]
    append(told, source="people", now=now)
    left = sorted({case.left for case in changed if case.left})
    if left:
        touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = ANY(%s)", [left])


def _overwrite(contacts: list[Contact]) -> None:
    """One INSERT that meets every row: an UPDATE by the ORM writes a CASE a column, ten times as slow."""
    Contact.objects.bulk_create(contacts, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _event(case: _Case, by: User, now: datetime) -> NewEvent:
    assert case.after is not None
    if case.before is None:
        return NewEvent(case.after.pk, "contact.created", now, properties={"by": by.pk, "source": case.after.source})
    return NewEvent(case.after.pk, "contact.updated", now, properties={"by": by.pk, "changed": case.changed})
