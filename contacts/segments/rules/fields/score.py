"""Score and its word, faded as of the moment: the index on the kept sum serves, since a threshold is a constant."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.scoring import decay
from contacts.scoring.follower import active_kinds
from contacts.scoring.heat import Heat, default_model
from contacts.scoring.models import AccountScore, ScoreModel
from contacts.segments.errors import Wrong
from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup, Label
from contacts.segments.rules.fields.profile import EDITED
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.fields.told import Told
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.tree import Form
from contacts.segments.rules.value_type import Type
from contacts.segments.rules.words import Phrase

SCORE, GRADE, CHANGED = "score", "grade", "score_changed"  # of another model than the default one: "score.7"
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
    """The score in points, in one model (None: the default). It is read when SQL is made: its half-life may change."""

    model_id: int | None = None

    @property
    def model(self) -> ScoreModel:
        """The model as it is now."""
        return default_model() if self.model_id is None else ScoreModel.objects.get(pk=self.model_id)

    def rows(self) -> Rows:
        """Return where the kept sums are."""
        return _rows(self.model)

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:
        """Return the test over the kept sum."""
        return self.rows().placed(test, form, at)

    def flips(self, test: Test, at: Moment) -> Sql:
        """Return the condition for those whose kept sum a threshold passed: no points are none at any time."""
        return replace(self.rows(), absent=None).placed(test, Form.SET, at)

    def scaled(self, value: Any, at: Moment) -> Any:
        """Return points, or a pair of them, as kept sums."""
        model = self.model
        if isinstance(value, Decimal):
            return _kept(float(value), model, at)
        return tuple(_kept(float(one), model, at) for one in value)

    def crossed(self, since: Moment, until: Moment) -> Sql | None:  # noqa: ARG002 - the sum changes by events alone
        """Return nothing: the thresholds move, not the sums."""
        return None

    def decided(self, at: Moment) -> Sql:
        """Return the points now."""
        model = self.model
        factor = 1 / _kept(1, model, at)
        points = "(SELECT to_jsonb(round((t.total * %s)::numeric, 1)) FROM contacts_score t"
        return compose(f"{points} WHERE t.contact_id = c.id AND t.model_id = %s)", factor, model.pk)


@dataclass(frozen=True)
class Graded(Faded):
    """The score in one word: ranges of the kept sum."""

    def scaled(self, value: Any, at: Moment) -> Any:
        """Return the range of sums of each word."""
        model = self.model
        warm, hot = _kept(model.warm_at, model, at), _kept(model.hot_at, model, at)
        ranges = {Heat.HOT: (hot, None), Heat.WARM: (warm, hot), Heat.COOL: (None, warm)}
        return tuple(ranges[Heat(word)] for word in value)

    def decided(self, at: Moment) -> Sql:
        """Return the word."""
        model = self.model
        warm, hot = _kept(model.warm_at, model, at), _kept(model.hot_at, model, at)
        words = "CASE WHEN t.total >= %s THEN 'hot' WHEN t.total >= %s THEN 'warm' ELSE 'cool' END"
        of_model = "FROM contacts_score t WHERE t.contact_id = c.id AND t.model_id = %s"
        return compose(f"to_jsonb(coalesce((SELECT {words} {of_model}), 'cool'))", hot, warm, model.pk)


_OF_ACCOUNTS = """(
    SELECT p.account_id, {fold}(s.total) AS total FROM contacts_score s
    JOIN contacts_contact p ON p.id = s.contact_id AND p.merged_into_id IS NULL AND p.account_id IS NOT NULL
    WHERE s.model_id = {model} GROUP BY p.account_id
)"""


def _of_accounts(model: ScoreModel) -> Rows:
    """Return the source of the kept sums of accounts; who is of none has no points."""
    fold = "sum" if model.account_by == AccountScore.SUM else "max"
    rows = _OF_ACCOUNTS.format(fold=fold, model=int(model.pk))
    return Rows(rows, _TOTAL, link="c.account_id", key="t.account_id", absent=Sql("0::float8"))


@dataclass(frozen=True)
class FadedOfAccount(Faded):
    """The score of the account in points: the best, or the sum, of its people's, as the model says."""

    def rows(self) -> Rows:
        """Return where the kept sums of accounts are."""
        return _of_accounts(self.model)

    def decided(self, at: Moment) -> Sql:
        """Return the points now."""
        factor = 1 / _kept(1, self.model, at)
        points = "(SELECT to_jsonb(round((t.total * %s)::numeric, 1)) FROM {rows} t WHERE t.account_id = c.account_id)"
        return compose(points, factor, rows=Sql(_of_accounts(self.model).table))


@dataclass(frozen=True)
class GradedOfAccount(Graded):
    """That score in one word."""

    def rows(self) -> Rows:
        """Return where the kept sums of accounts are."""
        return _of_accounts(self.model)

    def decided(self, at: Moment) -> Sql:
        """Return the word."""
        model = self.model
        warm, hot = _kept(model.warm_at, model, at), _kept(model.hot_at, model, at)
        word = "SELECT CASE WHEN t.total >= %s THEN 'hot' WHEN t.total >= %s THEN 'warm' ELSE 'cool' END FROM {rows} t"
        words = f"to_jsonb(coalesce(({word} WHERE t.account_id = c.account_id), 'cool'))"
        return compose(words, hot, warm, rows=Sql(_of_accounts(model).table))


_OF_DEFAULT = Sql("t.model_id = (SELECT min(id) FROM contacts_scoremodel)")


def _last(where: Sql) -> Told:
    return Told("contacts_score", Expression(Sql("t.last_at")), where, told_by=active_kinds)


def _kinds() -> list[str]:
    """Return what may earn points, and what says that all were counted anew (contacts/scoring/rules.py)."""
    return [*active_kinds(), RECOUNTED]


def _kinds_of_account() -> list[str]:
    return [*_kinds(), *EDITED]


# fmt: off
# ruff: noqa: E501
SCORE_FIELDS = (
    Field(SCORE, _("score"), FieldGroup.SCORE, Type.SCORE, Faded(), _kinds),
    Field(GRADE, _("heat"), FieldGroup.SCORE, Type.GRADE, Graded(), _kinds, _HEATS),
    Field(CHANGED, _("last points"), FieldGroup.SCORE, Type.DATETIME, _last(_OF_DEFAULT), _kinds),
    Field("account.score", _("score of the account"), FieldGroup.COMPANY, Type.SCORE, FadedOfAccount(), _kinds_of_account, of_account=True),
    Field("account.grade", _("heat of the account"), FieldGroup.COMPANY, Type.GRADE, GradedOfAccount(), _kinds_of_account, _HEATS, of_account=True),
)
# fmt: on


# --- other models than the default one, by their number --------------------------------------------------------------
def find(key: str) -> Field | None:
    """Return a field of one model, such as "score.7"; None for a key of another kind. Raises Wrong."""
    noun, _dot, number = key.partition(".")
    if noun not in (SCORE, GRADE, CHANGED) or not (number.isdecimal() and number.isascii() and len(number) < 10):
        return None
    model = ScoreModel.objects.filter(pk=int(number)).first()
    if model is None:
        raise Wrong(_say("The score model of the field “%(key)s” was deleted.") % {"key": key[:40]}, gone=True)
    return _fields_of(model)[noun]


def every() -> list[Field]:
    """Return the fields of all models but the default one, whose fields have no number."""
    others = ScoreModel.objects.exclude(pk=default_model().pk).order_by("pk")
    return [field for model in others for field in _fields_of(model).values()]


def _fields_of(model: ScoreModel) -> dict[str, Field]:
    def named(pattern: Label) -> Label:
        return Phrase(pattern, {"model": model.name})

    def key(noun: str) -> str:
        return f"{noun}.{model.pk}"

    group, of_model = FieldGroup.SCORE, Sql("t.model_id = %s", (model.pk,))
    last = _last(of_model)
    return {
        SCORE: Field(key(SCORE), named(_("score in %(model)s")), group, Type.SCORE, Faded(model.pk), _kinds),
        GRADE: Field(key(GRADE), named(_("heat in %(model)s")), group, Type.GRADE, Graded(model.pk), _kinds, _HEATS),
        CHANGED: Field(key(CHANGED), named(_("last points in %(model)s")), group, Type.DATETIME, last, _kinds),
    }
