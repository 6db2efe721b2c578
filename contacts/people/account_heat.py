"""The list of accounts by heat, the warmest first, where an account is as warm as its warmest person.

Asking every account for its best takes 2.4 s of 100,000. Here the index of scores is walked from its warm end: who has
a warmer colleague is passed over, so that each account comes once, through its best. Accounts without points follow.
"""

from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Value

from contacts.people.models import Account, Contact, ContactQuerySet
from contacts.scoring.models import AccountScore, Score, ScoreModel
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

REST = "rest."  # before the cursor of a page of accounts without points


def serves(model: ScoreModel, sort: str) -> bool:
    """Tell whether this way of walking gives the order that is asked for."""
    return sort == "-heat" and model.account_by == AccountScore.BEST


def warmest_first(
    accounts: QuerySet[Account], user: User, model: ScoreModel, cursor: str, *, size: int = 50
) -> Page[Account]:
    """Return one page of `accounts`, each with `heat_total`, from the people whom `user` may see. Raises BadCursor."""
    if not cursor.startswith(REST):
        page = keyset_page(_best(accounts, user, model), ("-heat_total", "-id"), cursor=cursor, size=size)
        if page.rows or cursor:
            rows = _accounts(accounts, {row.account_id: row.heat_total for row in page.rows})  # type: ignore[attr-defined]
            return Page(rows, page.next_cursor or REST, page.previous_cursor)
    rest = accounts.filter(~Exists(_scored(Contact.objects.visible_to(user), model).filter(account=OuterRef("pk"))))
    rest = rest.annotate(heat_total=Value(0.0, FloatField()))
    page_of_rest = keyset_page(rest, ("sort_key", "id"), cursor=cursor.removeprefix(REST), size=size)
    following, before = page_of_rest.next_cursor, page_of_rest.previous_cursor
    return Page(page_of_rest.rows, following and REST + following, before and REST + before)


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
