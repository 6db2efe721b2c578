"""Scores: the model with its half-life and thresholds, and the rules by which people earn points."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import Invalid, StaleEdit
from contacts.ledger.comparisons import OPERATORS, BadCondition
from contacts.ledger.conditions import parse
from contacts.ledger.kinds import KINDS
from contacts.scoring import rules
from contacts.scoring.decay import SHORTEST_HALF_LIFE
from contacts.scoring.forms import ROWS
from contacts.scoring.heat import default_model
from contacts.scoring.models import AccountScore, CapPeriod, ScoreModel, ScoreRule
from crm.api.fields import Body, Choice, Number, Text, Whole, Yes, several
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Scores", TokenScope.SCORES_READ, TokenScope.SCORES_WRITE)
WHERE = "score-rules/<row:rule_id>"
_ANEW = _("All scores are counted anew from what happened; that takes a moment.")
_MOST_TIMES = 10_000


class ConditionIn(Body):
    """What has to hold of one property of the event."""

    property = Text(max_length=200, allow_blank=False)
    operator = Choice([one.key for one in OPERATORS.values() if not one.listed])
    value = Text(max_length=200, required=False)


class RuleIn(Body):
    """What earns points: something that happens, when all conditions hold."""

    name = Text(max_length=120, allow_blank=False)
    kind = Text(max_length=60, allow_blank=False, help_text=_("What happens, such as page.viewed."))
    points = Number(min_value=-1000, max_value=1000, help_text=_("Below zero cools."))
    conditions = several(ConditionIn(), ROWS, required=False)
    cap_times = Whole(required=False, allow_null=True, min_value=1, max_value=_MOST_TIMES)
    cap_period = Choice(CapPeriod.values, required=False)
    active = Yes(required=False)


class RulePatch(RuleIn):
    name = Text(max_length=120, allow_blank=False, required=False)
    kind = Text(max_length=60, allow_blank=False, required=False)
    points = Number(min_value=-1000, max_value=1000, required=False)
    version = Whole()


class ConditionShown(Body):
    property = serializers.CharField()
    operator = serializers.CharField()
    value = serializers.JSONField()


class RuleShown(Body):
    """What earns points; at most `cap_times` within `cap_period`, null: every time."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    points = serializers.FloatField()
    conditions = ConditionShown(many=True)
    cap_times = serializers.IntegerField(allow_null=True)
    cap_period = serializers.ChoiceField(CapPeriod.values)
    active = serializers.BooleanField()
    version = serializers.IntegerField()


_PLAIN = ("name", "kind", "points", "conditions", "cap_times", "cap_period", "active", "version")


def _shown(row: ScoreRule) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}}


def _found(rule_id: int) -> ScoreRule:
    return get_object_or_404(default_model().rules, pk=rule_id)


@DOOR.get("score-rules", Action.REPORT_VIEW, _("List what earns points"), gives=RuleShown, pages=True)
def list_rules(asked: Asked) -> Listing:
    """Return the rules, those that give most first."""
    page = keyset_page(default_model().rules.all(), ("-points", "id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, _shown)


@DOOR.get(WHERE, Action.REPORT_VIEW, _("Read what earns points"), gives=RuleShown)
def read_rule(asked: Asked, rule_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one rule."""
    return _shown(_found(rule_id))


@DOOR.post(
    "score-rules", Action.SCORE_EDIT, _("Let something earn points"), takes=RuleIn, gives=RuleShown, status=201,
    text=_ANEW,
    example={
        "name": "Viewed pricing", "kind": "page.viewed", "points": 10, "cap_times": 3, "cap_period": "day",
        "conditions": [{"property": "path", "operator": "contains", "value": "pricing"}],
    },
)  # fmt: skip
def add_rule(asked: Asked) -> dict[str, Any]:
    """Add a rule; past events count too."""
    return _shown(rules.add_rule(default_model(), _values(asked)))


@DOOR.patch(
    WHERE, Action.SCORE_EDIT, _("Change what earns points"), takes=RulePatch, gives=RuleShown, refuses=(409,),
    text=_ANEW, example={"version": 1, "points": 12},
)  # fmt: skip
def change_rule(asked: Asked, rule_id: int) -> dict[str, Any]:
    """Change what is given."""
    row = _found(rule_id)
    try:
        rules.change_rule(row.pk, _values(asked), version=asked.body["version"])
    except StaleEdit:
        raise stale(_shown(_found(rule_id))) from None
    return _shown(_found(rule_id))


@DOOR.delete(WHERE, Action.SCORE_EDIT, _("Delete a rule with the points it gave"))
def delete_rule(asked: Asked, rule_id: int) -> None:  # noqa: ARG001 - allowed is allowed
    """Delete a rule."""
    rules.delete_rule(_found(rule_id).pk)


def _values(asked: Asked) -> dict[str, Any]:
    """Return the columns that a body says. Raises Invalid."""
    values = {name: value for name, value in asked.body.items() if name != "version"}
    if "kind" in values and not _counts(values["kind"]):
        raise Invalid({"kind": str(_("Nothing of this kind can earn points."))})
    if values.get("points") == 0:
        raise Invalid({"points": str(_("A rule with 0 points does nothing."))})
    if "conditions" in values:
        given = [{"value": "", **one} for one in values["conditions"]]
        try:
            values["conditions"] = [one.stored() for one in parse(given)]
        except BadCondition as error:
            raise Invalid({"conditions": str(error)}) from error
    return values


def _counts(kind: str) -> bool:
    """Tell whether a kind of event is one that the page of rules offers."""
    return kind in KINDS and (KINDS[kind].timeline or KINDS[kind].activity)


class ModelPatch(Body):
    half_life = Number(min_value=SHORTEST_HALF_LIFE, max_value=3650, required=False)
    warm_at = Number(min_value=0.001, max_value=1e9, required=False)
    hot_at = Number(min_value=0.001, max_value=1e9, required=False)
    account_by = Choice(AccountScore.values, required=False)
    version = Whole()


class ModelShown(Body):
    """How long points count, and where warm and hot begin."""

    half_life = serializers.FloatField(help_text=_("Days after which points count half."))
    warm_at = serializers.FloatField(help_text=_("In points."))
    hot_at = serializers.FloatField(help_text=_("In points."))
    account_by = serializers.ChoiceField(AccountScore.values, help_text=_("What makes the score of an account."))
    version = serializers.IntegerField()


def _model(row: ScoreModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("half_life", "warm_at", "hot_at", "account_by", "version")}


@DOOR.get("score-model", Action.REPORT_VIEW, _("Read how points fade, and the thresholds"), gives=ModelShown)
def read_model(asked: Asked) -> dict[str, Any]:  # noqa: ARG001 - there is one
    """Return the model."""
    return _model(default_model())


@DOOR.patch(
    "score-model", Action.SCORE_EDIT, _("Change how points fade, and the thresholds"), takes=ModelPatch,
    gives=ModelShown, refuses=(409,), text=_ANEW, example={"version": 1, "half_life": 21},
)  # fmt: skip
def change_model(asked: Asked) -> dict[str, Any]:
    """Change what is given."""
    model = default_model()
    values = {name: value for name, value in asked.body.items() if name != "version"}
    if values.get("hot_at", model.hot_at) <= values.get("warm_at", model.warm_at):
        raise Invalid({"hot_at": str(_("Hot must begin above warm."))})
    try:
        rules.change_model(model.pk, values, version=asked.body["version"])
    except StaleEdit:
        raise stale(_model(default_model())) from None
    return _model(default_model())
