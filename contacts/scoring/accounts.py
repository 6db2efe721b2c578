"""How warm an account is: the best, or the sum, of the scores of its people. Used by the pages of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, FloatField, Max, OuterRef, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce

from contacts.people.models import Contact, ContactQuerySet
from contacts.scoring.decay import faded
from contacts.scoring.heat import Warmth
from contacts.scoring.models import AccountScore, ScoreModel

_MOST = 5


@dataclass(frozen=True)
class Share:
    """What one person brings to the score of her account, in points now."""

    contact: Contact
    points: int


@dataclass(frozen=True)
class AccountHeat:
    """How warm an account is, and through whom, the warmest first; `is_sum`: all of them together, else the first."""

    warmth: Warmth
    is_sum: bool
    shares: Sequence[Share]


def heat_of_account(people: ContactQuerySet, model: ScoreModel, now: datetime) -> AccountHeat:
    """Return how warm these people of one account make it."""
    scored = people.filter(scores__model=model).annotate(
        heat_total=F("scores__total"), of_all=Window(_folded(model, "scores__total"))
    )
    warmest = list(scored.order_by("-heat_total", "pk")[:_MOST])
    total = warmest[0].of_all if warmest else 0.0  # type: ignore[attr-defined]
    shares = [Share(person, _points(person.heat_total, model, now)) for person in warmest]  # type: ignore[attr-defined]
    return AccountHeat(Warmth.at(total, model, now), model.account_by == AccountScore.SUM, shares)


def _points(total: float, model: ScoreModel, now: datetime) -> int:
    return round(faded(total, now, anchor=model.anchor, half_life=model.half_life))


def kept_of_account(people: ContactQuerySet, model: ScoreModel) -> Coalesce:
    """Return the kept sum of each account as an annotation of accounts, from those of `people`; 0 without points.

    It is looked up account by account, for those of a page: no list is sorted by it.
    """
    mine = people.filter(account=OuterRef("pk"), scores__model=model).order_by().values("account")
    kept = mine.annotate(kept=_folded(model, "scores__total")).values("kept")
    return Coalesce(Subquery(kept), Value(0.0), output_field=FloatField())


def _folded(model: ScoreModel, total: str) -> Max | Sum:
    return Sum(total) if model.account_by == AccountScore.SUM else Max(total)
