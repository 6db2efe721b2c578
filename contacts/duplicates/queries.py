"""What the pages of duplicates read. Both people of a pair must be visible to the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from contacts.duplicates.models import DuplicatePair, PairState
from contacts.duplicates.rules import REASONS, Likelihood, likelihood
from contacts.identity.models import Merge
from contacts.people.address import likely_typo
from contacts.people.filters import BadFilter
from contacts.people.models import Contact
from contacts.people.search import matching, wanted
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

COUNT_LIMIT = 10_000
_MOST_FOUND = 300  # people whom a search of pairs looks at
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Nothing that is known of one contradicts what is known of the other.
_AGREE = [
    Q((f"first__{name}", empty)) | Q((f"second__{name}", empty)) | Q((f"first__{name}", F(f"second__{name}")))
    for name, empty in (("phone", ""), ("birthday", None), ("account", None), ("owner", None))
]


@dataclass(frozen=True)
class Choice:
    """Which pairs: those with a reason ("" for any), a least score, and (agreeing) no contradiction."""

    reason: str = ""
    least: int = 0
    agreeing: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> "Choice":
        """Read it from a query string. Raises BadFilter."""
        reason, word = query.get("reason", ""), query.get("likelihood", "")
        if reason and reason not in REASONS:
            raise BadFilter("reason", reason)
        if word and word not in list(Likelihood):
            raise BadFilter("likelihood", word)
        return cls(reason, Likelihood(word).least if word else 0, bool(query.get("agreeing")))

    @property
    def condition(self) -> Q:
        """Return it as a condition on open pairs."""
        found = Q(score__gte=self.least)
        if self.reason:
            found &= Q(reasons__contains=[self.reason])
        for condition in _AGREE if self.agreeing else ():
            found &= condition
        return found


def open_pairs(user: User) -> QuerySet[DuplicatePair]:
    """Return the pairs to decide of which `user` may see both."""
    return _of_visible(user).filter(state=PairState.OPEN)


def kept_apart(user: User) -> QuerySet[DuplicatePair]:
    """Return the pairs of which somebody said that they are two people."""
    return _of_visible(user).filter(state=PairState.DISTINCT).select_related("decided_by")


def _of_visible(user: User) -> QuerySet[DuplicatePair]:
    people = Contact.objects.visible_to(user)
    return DuplicatePair.objects.filter(first__in=people, second__in=people)


@dataclass(frozen=True)
class Card:
    """One pair as it is shown: the reasons as sentences, how likely, and who would stay."""

    pair: DuplicatePair
    likelihood: Likelihood
    said: Sequence[str]
    stays: Contact
    goes: Contact


def card(pair: DuplicatePair) -> Card:
    """Return a pair (loaded by with_people) with its words."""
    stays, goes = stays_and_goes(pair.first, pair.second)
    said = [REASONS[key].sentence(pair.first, pair.second) for key in pair.reasons]
    return Card(pair, likelihood(pair.score), said, stays, goes)


def with_people(pairs: QuerySet[DuplicatePair]) -> QuerySet[DuplicatePair]:
    """Load what a card shows of both people."""
    sides = [f"{side}__{name}" for side in ("first", "second") for name in ("seen", "account", "owner", "stage")]
    return pairs.select_related("first", "second", *sides)


def stays_and_goes(one: Contact, other: Contact) -> tuple[Contact, Contact]:
    """Return which record should stay: with an address, well typed and without a plus, seen last, else the older."""
    ordered = sorted((one, other), key=_worth, reverse=True)
    return ordered[0], ordered[1]


def _worth(contact: Contact) -> tuple[bool, bool, bool, datetime, int]:
    email = contact.email or ""
    return bool(email), not likely_typo(email), "+" not in email, contact.seen_at or _NEVER, -contact.pk


def pairs_page(user: User, query: QueryDict) -> Page[Card]:
    """Return one page of pairs to decide, the likeliest first. Raises BadFilter, BadCursor."""
    pairs = with_people(open_pairs(user).filter(Choice.read(query).condition))
    typed = str(query.get("q", ""))
    if wanted(typed):
        ids = list(matching(Contact.objects.visible_to(user), typed).values_list("pk", flat=True)[:_MOST_FOUND])
        pairs = pairs.filter(Q(first__in=ids) | Q(second__in=ids))
    page = keyset_page(pairs, ("-score", "-id"), cursor=query.get("cursor", ""), size=20)
    return Page([card(pair) for pair in page.rows], page.next_cursor, page.previous_cursor)


def apart_page(user: User, cursor: str) -> Page[Card]:
    """Return one page of pairs kept apart, the latest decision first. Raises BadCursor."""
    page = keyset_page(with_people(kept_apart(user)), ("-decided_at", "-id"), cursor=cursor, size=20)
    return Page([card(pair) for pair in page.rows], page.next_cursor, page.previous_cursor)


def pair_of(user: User, one_id: int, other_id: int) -> DuplicatePair | None:
    """Return the pair of these two when it was found, in whatever order they are named."""
    first, second = sorted((one_id, other_id))
    return _of_visible(user).filter(first=first, second=second).first()


def pairs_with(user: User, contact_id: int) -> list[Card]:
    """Return the pairs to decide in which this person is."""
    pairs = open_pairs(user).filter(Q(first=contact_id) | Q(second=contact_id))
    return [card(pair) for pair in with_people(pairs).order_by("-score", "-id")[:5]]


def merges(user: User) -> QuerySet[Merge]:
    """Return the merges that hold, of people whom `user` may see."""
    visible = Contact.objects.visible_to(user)
    return Merge.objects.filter(undone_at=None, winner__in=visible).select_related("winner", "loser", "by", "bulk")


def merges_page(user: User, cursor: str) -> Page[Merge]:
    """Return one page of merges that people made and that hold, the latest first. Raises BadCursor."""
    return keyset_page(merges(user).exclude(by=None), ("-at", "-id"), cursor=cursor, size=30)
