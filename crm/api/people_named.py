"""People as programs name them: by number, address, another system's key, or a browser's; new ones are made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.keys import linking
from contacts.keys.models import KeySource
from contacts.people import profile, upserting, visitors
from contacts.people.address import BadAddress, normalise
from contacts.people.models import Contact
from contacts.people.profile import Profile
from contacts.people.queries import survivor_of
from crm.team.models import Role, User

SOURCE = "api"


@dataclass(frozen=True)
class Named:
    """One person by any of her names; the first of them that is known counts, in this order."""

    contact_id: int | None = None
    external_id: str = ""
    email: str = ""
    anonymous_id: str = ""

    def normal_email(self) -> str:
        """Return the address in its normal form, "" without one. Raises Invalid."""
        try:
            return normalise(self.email) if self.email.strip() else ""
        except BadAddress as error:
            raise Invalid({"email": _("This is no e-mail address. Write it like name@example.com.")}) from error

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no name at all."""
        return not (self.contact_id or self.external_id or self.email.strip() or self.anonymous_id)


class People:
    """Finds the people of one request in a few queries, and makes those who are new when they are asked for."""

    def __init__(self, named: Sequence[Named], *, user: User, now: datetime) -> None:
        self._user, self._now = user, now
        self._external = linking.known(KeySource.EXTERNAL, [one.external_id for one in named if one.external_id])
        self._anonymous = linking.known(KeySource.ANONYMOUS, [one.anonymous_id for one in named if one.anonymous_id])
        self._email = self._by_email(named)
        numbers = {one.contact_id for one in named if one.contact_id}
        wanted = {*numbers, *self._external.values(), *self._anonymous.values(), *self._email.values()}
        self._visible = set(Contact.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))

    @staticmethod
    def _by_email(named: Iterable[Named]) -> dict[str, int]:
        emails = set()
        for one in named:
            try:
                emails.add(one.normal_email())
            except Invalid:
                continue
        rows = Contact.objects.live().filter(email__in=emails - {""}).values_list("email", "pk")
        return {str(email): number for email, number in rows}

    def find(self, one: Named) -> int | None:
        """Return who is meant, None for somebody new. Raises Invalid for who is not visible, or a wrong name."""
        if one.is_empty:
            raise Invalid({"contact_id": _("Name a person by contact_id, external_id, email or anonymous_id.")})
        number = one.contact_id or self._external.get(one.external_id) or self._email.get(one.normal_email())
        number = number or self._anonymous.get(one.anonymous_id)
        if number is not None and number not in self._visible:
            into = survivor_of(number)
            number = into if into is not None and Contact.objects.visible_to(self._user).filter(pk=into) else 0
        if number == 0:
            raise Invalid({"contact_id": _("There is nobody of this name that you may see.")})
        return number

    def make_new(self, named: Iterable[Named]) -> None:
        """Make those who are new in sets. Who cannot be made so is left: `find_or_make` says why, or makes her."""
        new = self._new(named)
        mailed = [one for one in new if one.email.strip()]
        visitors_of = [one for one in new if not one.email.strip()]
        rows = [upserting.Row(one.email, "", partial(_with_email, one.normal_email())) for one in mailed]
        outcomes = upserting.upsert(rows, by=self._user, now=self._now) if rows else []
        made = visitors.make_several(
            len(visitors_of), SOURCE, owner=self._owner(), by=self._user, now=self._now
        )  # fmt: skip
        numbers = [outcome.contact_id for outcome in outcomes] + [contact.pk for contact in made]
        self._remember({one: number for one, number in zip(mailed + visitors_of, numbers, strict=True) if number})

    def _new(self, named: Iterable[Named]) -> list[Named]:
        """Return those whom nobody is known by, each name once."""
        found: list[Named] = []
        seen: set[tuple[str, str]] = set()
        for one in named:
            try:
                marks = {("email", one.normal_email()), ("key", one.external_id), ("visitor", one.anonymous_id)}
                known = self.find(one)
            except Invalid:
                continue
            marks = {mark for mark in marks if mark[1]}
            if known is None and not marks & seen:
                found.append(one)
            seen |= marks
        return found

    def _remember(self, made: Mapping[Named, int]) -> None:
        self._visible |= set(made.values())
        self._email |= {one.normal_email(): number for one, number in made.items() if one.email.strip()}
        external = {one.external_id: number for one, number in made.items() if one.external_id}
        anonymous = {one.anonymous_id: number for one, number in made.items() if one.anonymous_id}
        for source, keys, known in (
            (KeySource.EXTERNAL, external, self._external),
            (KeySource.ANONYMOUS, anonymous, self._anonymous),
        ):
            fresh = {key: number for key, number in keys.items() if key not in known}
            linking.link(source, fresh)
            known.update(fresh)

    def _owner(self) -> User | None:
        return self._user if self._user.role == Role.SALES_REP else None

    def find_or_make(self, one: Named) -> int:
        """Return who is meant, made when she is new, and note her keys. Raises Invalid."""
        number = self.find(one)
        if number is None:
            made = self._made(one)
            number = made.pk
            self._visible.add(number)
            if made.email:
                self._email[made.email] = number
        self._note(one, number)
        return number

    def _made(self, one: Named) -> Contact:
        how: dict[str, Any] = {"by": self._user, "now": self._now}
        how["owner"] = self._owner()
        email = one.normal_email()
        return profile.create(Profile(email=email, source=SOURCE), **how) if email else visitors.make(SOURCE, **how)

    def _note(self, one: Named, number: int) -> None:
        for source, key, known in (
            (KeySource.EXTERNAL, one.external_id, self._external),
            (KeySource.ANONYMOUS, one.anonymous_id, self._anonymous),
        ):
            if key and key not in known:
                linking.link(source, {key: number})
                known[key] = number


def _with_email(email: str, before: Profile) -> Profile:
    return replace(before, email=email, source=SOURCE)
