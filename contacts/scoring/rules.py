"""Changing what earns points. Every change is followed by counting all points anew from the ledger."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from contacts.errors import StaleEdit
from contacts.ledger import lanes
from contacts.ledger.base import is_empty
from contacts.ledger.followers import FOLLOWERS
from contacts.ledger.replay import begin, refill
from contacts.scoring.follower import SCORES, reset
from contacts.scoring.models import ScoreModel, ScoreRule
from contacts.segments.touching import rebuild_readers
from crm.kit import clock


@transaction.atomic
def add_rule(model: ScoreModel, values: Mapping[str, Any]) -> ScoreRule:
    """Add and return a rule with cleaned `values`; past events count too."""
    rule = ScoreRule.objects.create(model=model, **values)
    _count_anew()
    return rule


@transaction.atomic
def change_rule(rule_id: int, values: Mapping[str, Any], *, version: int) -> None:
    """Change a rule that stands at `version`. Raises StaleEdit."""
    _change(ScoreRule, rule_id, values, version)
    _count_anew()


@transaction.atomic
def delete_rule(rule_id: int) -> None:
    """Delete a rule and the points it gave; a repeat is harmless."""
    if ScoreRule.objects.filter(pk=rule_id).delete()[0]:
        _count_anew()


@transaction.atomic
def change_model(model_id: int, values: Mapping[str, Any], *, version: int) -> None:
    """Change the half-life or thresholds of a model that stands at `version`. Raises StaleEdit."""
    _change(ScoreModel, model_id, values, version)
    _count_anew()


def _change(kind: type[ScoreModel] | type[ScoreRule], pk: int, values: Mapping[str, Any], version: int) -> None:
    changed = kind._base_manager.filter(pk=pk, version=version).update(**values, version=F("version") + 1)
    if not changed:
        raise StaleEdit(kind._base_manager.get(pk=pk))


def _count_anew() -> None:
    """Empty all scores and send their follower back to the beginning of the ledger, in the running transaction.

    Segments that read scores are built anew; a build waits until the scores are there.
    """
    rebuild_readers("score.recounted", clock.now())
    with connection.cursor() as cursor:
        if is_empty(cursor):
            lanes.start_over(cursor, SCORES.name, FOLLOWERS.after(SCORES.name))
            reset(cursor)
        else:  # what is kept of dropped months comes first, in transactions of its own
            begin(cursor, SCORES)
            transaction.on_commit(lambda: refill(SCORES))
