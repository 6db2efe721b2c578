"""What the pages of accounts read. People are counted and shown as far as the reader may see them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from contacts.account_roles import roles
from contacts.account_roles.models import AccountRole
from contacts.people import account_heat, search
from contacts.people.filters import BadFilter
from contacts.people.models import Account, Contact, ContactQuerySet
from contacts.scoring.accounts import kept_of_account
from contacts.scoring.heat import Warmth, default_model
from contacts.scoring.models import Score, ScoreModel
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

SORTS: dict[str, tuple[str, ...]] = {
    "name": ("sort_key", "id"),
    "-name": ("-sort_key", "-id"),
    "-size": ("-size", "-id"),
    "size": ("size", "id"),
    "-created": ("-created_at", "-id"),
    "created": ("created_at", "id"),
    "end": ("contract_end", "id"),
    "-end": ("-contract_end", "-id"),
}
ONLY_ENDING = frozenset({"end", "-end"})  # these orders leave out accounts without a contract
DEFAULT_SORT = "name"
TIMELINE_PEOPLE = 2_000  # people whose activity one account's page looks through
_EXACT = ("industry", "city")


def accounts_page(user: User, query: QueryDict, *, now: datetime, size: int = 50) -> Page[Account]:
    """Return one page of accounts, each with `people`, how many of them `user` may see, and their `heat_total`.

    Raises BadFilter, BadCursor.
    """
    model, sort, cursor = default_model(), query.get("sort", ""), query.get("cursor", "")
    accounts = accounts_found(user, query, now=now)
    if account_heat.serves(model, sort):
        return account_heat.warmest_first(accounts, user, model, cursor, size=size)
    if sort in ONLY_ENDING:
        accounts = accounts.filter(contract_end__isnull=False)
    accounts = accounts.annotate(heat_total=kept_of_account(Contact.objects.visible_to(user), model))
    return keyset_page(accounts, SORTS.get(sort, SORTS[DEFAULT_SORT]), cursor=cursor, size=size)


def accounts_found(user: User, query: QueryDict, *, now: datetime) -> QuerySet[Account]:
    """Return the accounts that are asked for, each with `people`: how many of them `user` may see. Raises BadFilter."""
    mine = Contact.objects.visible_to(user).filter(account=OuterRef("pk")).order_by().values("account")
    people = Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)
    accounts = Account.objects.select_related("owner", "parent")
    accounts = accounts.annotate(people=people, size=Coalesce("employees", 0))
    if words := str(query.get("q", "")).replace("\0", "").strip():
        accounts = accounts.filter(_typed(words))
    accounts = accounts.filter(_owner(query.get("owner", ""), user))
    for name in _EXACT:
        if value := query.get(name, ""):
            accounts = accounts.filter(**{name: value})
    return accounts.filter(_renewal(days, now)) if (days := query.get("renewal", "")) else accounts


def _typed(words: str) -> Q:
    """Parts of name or web domain, the digits of the registration number, or the initials of Hangul syllables."""
    text, digits = search.wanted(words), "".join(re.findall("[0-9]", words))
    if initials := search.initials_pattern(text):
        return Q(name__regex=initials)
    number = Q(business_number__contains=digits) if len(digits) > 3 else Q()
    return Q(name__icontains=text) | Q(domain__icontains=text) | number


def _renewal(value: str, now: datetime) -> Q:
    """Return the condition for contracts that end within so many days from today on."""
    if not (value.isascii() and value.isdecimal() and len(value) < 5):
        raise BadFilter("renewal", value)
    today = timezone.localdate(now)
    return Q(contract_end__range=(today, today + timedelta(days=int(value))))


def _owner(value: str, user: User) -> Q:
    if value in ("", "none", "me"):
        return {"": Q(), "none": Q(owner=None), "me": Q(owner=user)}[value]
    if not value.isdecimal() or not 0 < int(value) < 2**63:
        raise BadFilter("owner", value)
    return Q(owner=int(value))


def choices_of(field: str, words: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """Return up to 100 values of a text field of accounts as choices, as `words` says them."""
    values = Account.objects.exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()[:100]
    return [(value, words(value)) for value in values]


def some_names() -> list[str]:
    """Return up to 300 names of accounts, to be offered while one types."""
    return list(Account.objects.order_by("sort_key").values_list("name", flat=True)[:300])


@dataclass(frozen=True)
class Member:
    """A person of an account with her roles in words and how warm she is."""

    contact: Contact
    roles: Sequence[str]
    warmth: Warmth


def people_of(account: Account, user: User) -> ContactQuerySet:
    """Return the people of an account whom `user` may see."""
    return Contact.objects.visible_to(user).filter(account=account)


def members_page(
    people: ContactQuerySet, rows: Sequence[AccountRole], model: ScoreModel, *, role: str, cursor: str, now: datetime
) -> Page[Member]:
    """Return one page of the people of an account, by name, of one of the roles `rows` or all, warm by `model`.

    Raises BadCursor, BadFilter.
    """
    if role and role not in {row.key for row in rows}:
        raise BadFilter("role", role)
    if role:
        people = people.filter(account_roles__contains=[role])
    page = keyset_page(people.select_related("stage", "seen"), ("sort_key", "id"), cursor=cursor, size=25)
    scores = Score.objects.filter(model=model, contact__in=[person.pk for person in page.rows])
    totals = dict(scores.values_list("contact_id", "total"))
    members = [
        Member(each, roles.labels(each.account_roles, rows), Warmth.at(totals.get(each.pk, 0.0), model, now))
        for each in page.rows
    ]
    return Page(members, page.next_cursor, page.previous_cursor)


def names_of(people: ContactQuerySet) -> dict[int, str]:
    """Return what to call each of `people` by id, at most TIMELINE_PEOPLE, the newest first."""
    newest = people.order_by(F("created_at").desc(), "-pk").only("name", "email")[:TIMELINE_PEOPLE]
    return {person.pk: person.display_name for person in newest}
