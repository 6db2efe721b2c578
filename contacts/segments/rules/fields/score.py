"""Score and its word, faded as of the moment: the index on the kept sum serves, since a threshold is a constant."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.scoring import decay
from contacts.scoring.follower import active_kinds
from contacts.scoring.heat import Heat, default_model
from contacts.scoring.models import ScoreModel
from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.fields.told import Told
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.tree import Form
from contacts.segments.rules.value_type import Type

RECOUNTED = "score.recounted"  # a kind that rules name; it has no events: see contacts/scoring/rules.py
_TOTAL = Expression(Sql("t.total"))
# Shorter words than those of `Heat`, since the field stands before them.
_HEATS = Named(
    {
        Heat.HOT.value: pgettext_lazy("heat", "hot"),
        Heat.WARM.value: pgettext_lazy("heat", "warm"),
        Heat.COOL.value: pgettext_lazy("heat", "cool"),
    }
)


def _rows(model: ScoreModel) -> Rows:
    """Return the source of the kept sums; who has no row has no points."""
    return Rows("contacts_score", _TOTAL, Sql("t.model_id = %s", (model.pk,)), absent=Sql("0::float8"))


def _kept(points: float, model: ScoreModel, at: Moment) -> float:
    return decay.threshold(points, at.now, anchor=model.anchor, half_life=model.half_life)


@dataclass(frozen=True)
class Faded:
    """The score in points. The model is read when SQL is made, since its half-life may change."""

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:
        """Return the test over the kept sum."""
        return _rows(default_model()).placed(test, form, at)

    def scaled(self, value: Any, at: Moment) -> Any:
        """Return points, or a pair of them, as kept sums."""
        model = default_model()
        if isinstance(value, Decimal):
            return _kept(float(value), model, at)
        return tuple(_kept(float(one), model, at) for one in value)

    def crossed(self, since: Moment, until: Moment) -> Sql | None:  # noqa: ARG002 - the sum changes by events alone
        """Return nothing: the thresholds move, not the sums."""
        return None

    def decided(self, at: Moment) -> Sql:
        """Return the points now."""
        model = default_model()
        factor = 1 / _kept(1, model, at)
        points = "(SELECT to_jsonb(round((t.total * %s)::numeric, 1)) FROM contacts_score t"
        return compose(f"{points} WHERE t.contact_id = c.id AND t.model_id = %s)", factor, model.pk)


@dataclass(frozen=True)
class Graded(Faded):
    """The score in one word: ranges of the kept sum."""

    def scaled(self, value: Any, at: Moment) -> Any:
        """Return the range of sums of each word."""
        model = default_model()
        warm, hot = _kept(model.warm_at, model, at), _kept(model.hot_at, model, at)
        ranges = {Heat.HOT: (hot, None), Heat.WARM: (warm, hot), Heat.COOL: (None, warm)}
        return tuple(ranges[Heat(word)] for word in value)

    def decided(self, at: Moment) -> Sql:
        """Return the word."""
        model = default_model()
        warm, hot = _kept(model.warm_at, model, at), _kept(model.hot_at, model, at)
        words = "CASE WHEN t.total >= %s THEN 'hot' WHEN t.total >= %s THEN 'warm' ELSE 'cool' END"
        of_model = "FROM contacts_score t WHERE t.contact_id = c.id AND t.model_id = %s"
        return compose(f"to_jsonb(coalesce((SELECT {words} {of_model}), 'cool'))", hot, warm, model.pk)


_LAST = Told("contacts_score", Expression(Sql("t.last_at")), told_by=active_kinds)


def _kinds() -> list[str]:
    """Return what may earn points, and what says that all were counted anew (contacts/scoring/rules.py)."""
    return [*active_kinds(), RECOUNTED]


SCORE_FIELDS = (
    Field("score", _("score"), FieldGroup.SCORE, Type.SCORE, Faded(), _kinds),
    Field("grade", _("heat"), FieldGroup.SCORE, Type.GRADE, Graded(), _kinds, _HEATS),
    Field("score_changed", _("last points"), FieldGroup.SCORE, Type.DATETIME, _LAST, _kinds),
)
