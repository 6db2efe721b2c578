"""The list of accounts by heat, the warmest first, where an account is as warm as its warmest person.

Asking every account for its best takes 2.4 s of 100,000. Here the index of scores is walked from its warm end: who has
a warmer colleague is passed over, so that each account comes once, through its best. Accounts without points follow.
Sums have no order, nor has the cold end: docs/decisions/accounts-by-heat.md.
"""

from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Value

from contacts.people.models import Account, Contact, ContactQuerySet
from contacts.scoring.models import AccountScore, Score, ScoreModel
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

WARMEST = "-heat"  # the key of this order
REST = "rest."  # before the cursor of a page of accounts without points


def serves(model: ScoreModel, sort: str) -> bool:
    """Tell whether this way of walking gives the order that is asked for."""
    return sort == WARMEST and model.account_by == AccountScore.BEST


def warmest_first(
    accounts: QuerySet[Account], user: User, model: ScoreModel, cursor: str, *, size: int = 50
) -> Page[Account]:
    """Return one page of `accounts`, each with `heat_total`, from the people whom `user` may see. Raises BadCursor."""
    if cursor.startswith(REST):
        page = _without(accounts, user, model, cursor.removeprefix(REST), size)
        return Page(page.rows, _resting(page.next_cursor), _resting(page.previous_cursor))
    people = keyset_page(_best(accounts, user, model), ("-heat_total", "-id"), cursor=cursor, size=size)
    rows = _accounts(accounts, {row.account_id: row.heat_total for row in people.rows})  # type: ignore[attr-defined]
    if people.next_cursor or len(people.rows) == size:
        return Page(rows, people.next_cursor or REST, people.previous_cursor)
    cold = _without(accounts, user, model, "", size - len(people.rows))
    return Page([*rows, *cold.rows], _resting(cold.next_cursor), people.previous_cursor)


def _without(accounts: QuerySet[Account], user: User, model: ScoreModel, cursor: str, size: int) -> Page[Account]:
    """Return accounts without points, by name."""
    rest = accounts.filter(~Exists(_scored(Contact.objects.visible_to(user), model).filter(account=OuterRef("pk"))))
    return keyset_page(rest.annotate(heat_total=Value(0.0, FloatField())), ("sort_key", "id"), cursor=cursor, size=size)


def _resting(cursor: str) -> str:
    return cursor and REST + cursor


def _scored(people: ContactQuerySet, model: ScoreModel) -> ContactQuerySet:
    return people.filter(scores__model=model)


def _best(accounts: QuerySet[Account], user: User, model: ScoreModel) -> ContactQuerySet:
    """Return the warmest visible person of each account."""
    people = Contact.objects.visible_to(user)
    warmer = Score.objects.filter(
        Q(total__gt=OuterRef("scores__total")) | Q(total=OuterRef("scores__total"), contact__gt=OuterRef("pk")),
        model=model,
        contact__in=people.filter(account=OuterRef(OuterRef("account"))),
    )
    scored = _scored(people, model).filter(~Exists(warmer), account__in=accounts.order_by().values("pk"))
    return scored.annotate(heat_total=F("scores__total")).only("id", "account_id")


def _accounts(accounts: QuerySet[Account], totals: dict[int | None, float]) -> list[Account]:
    found = accounts.in_bulk([number for number in totals if number])
    rows = [found[number] for number in totals if number in found]
    for row in rows:
        row.heat_total = totals[row.pk]  # type: ignore[attr-defined]
    return rows
