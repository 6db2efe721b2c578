"""How warm a person is now: the score in points, and one word for it."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from django.db.models import F, OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.people.models import ContactQuerySet
from contacts.scoring.decay import faded, threshold
from contacts.scoring.models import Score, ScoreModel


class Heat(StrEnum):
    """One word for a score."""

    HOT = "hot"
    WARM = "warm"
    COOL = "cool"

    @property
    def label(self) -> Promise:
        """The word on screen."""
        return _LABELS[self]


_LABELS = {Heat.HOT: _("Hot"), Heat.WARM: _("Warm"), Heat.COOL: _("Cool")}


@dataclass(frozen=True)
class Warmth:
    """A person's score at one moment, in points, and its word."""

    points: float
    heat: Heat

    @classmethod
    def at(cls, total: float, model: ScoreModel, now: datetime) -> Self:
        """Return the warmth that the kept sum `total` means at `now`."""
        points = faded(total, now, anchor=model.anchor, half_life=model.half_life)
        return cls(points, heat_of(points, model))


def heat_of(points: float, model: ScoreModel) -> Heat:
    """Return the word for a score."""
    if points >= model.hot_at:
        return Heat.HOT
    return Heat.WARM if points >= model.warm_at else Heat.COOL


def default_model() -> ScoreModel:
    """Return the model that pages speak of: the oldest. A migration makes one, so there is always one."""
    return ScoreModel.objects.order_by("pk")[:1].get()


def warmth_of(contact_id: int, now: datetime) -> tuple[ScoreModel, Warmth]:
    """Return how warm one person is at `now` by the model that pages speak of, and the model, in one query."""
    total = Score.objects.filter(model=OuterRef("pk"), contact_id=contact_id).values("total")
    model = ScoreModel.objects.order_by("pk").annotate(kept_total=Subquery(total))[:1].get()
    return model, Warmth.at(model.kept_total or 0.0, model, now)


def by_heat(people: ContactQuerySet, model: ScoreModel, *, least: float = -math.inf) -> ContactQuerySet:
    """Return those of `people` who have points, with `heat_total` (order by it falling, then id) and `heat_last_at`.

    `least` is a kept sum (see decay.py); the index on (model, total) serves order and limit.
    """
    scored = people.filter(scores__model=model, scores__total__gte=least)
    return scored.annotate(heat_total=F("scores__total"), heat_last_at=F("scores__last_at"))


def hot(people: ContactQuerySet, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return those of `people` who are hot at `now`."""
    least = threshold(model.hot_at, now, anchor=model.anchor, half_life=model.half_life)
    return by_heat(people, model, least=least)
