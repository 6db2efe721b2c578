"""Who would move if a rule were saved as it is written now: counts from stage to stage with some names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.people.models import Contact
from contacts.segments.moments import moment_at
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.sql import Sql, compose, joined
from contacts.stages.judging import HOLDING, WANTED
from contacts.stages.models import Stage, StageRule
from contacts.stages.rules import SIDES, RuleDraft, cleaned, rule_of
from crm.team.models import User

SECONDS = 15  # so long a preview may think
_NAMES = 5
# Stand-ins for the segments of a rule that is not saved: nobody sees them, they are rolled back.
_STAND_INS = {"entry": -1, "exit": -2}
_WRITTEN = """
SELECT found.id, %s::bigint, coalesce(had.entered_at, %s)
FROM ({everybody}) AS found(id)
LEFT JOIN contacts_membership had ON had.segment_id = %s AND had.contact_id = found.id AND had.left_at IS NULL
"""
_COUNTED = """
SELECT m.from_id, m.to_id, count(*), (array_agg(m.id ORDER BY m.id))[1:%s]
FROM moves m WHERE m.id IN ({visible}) GROUP BY m.from_id, m.to_id ORDER BY count(*) DESC
"""


@dataclass(frozen=True)
class Flow:
    """People who would go from a stage (None: from none) to another; the first of them as a sample."""

    origin: str | None
    to: str
    people: int
    sample: Sequence[Contact]


@dataclass(frozen=True)
class Preview:
    """All flows, the largest first."""

    flows: list[Flow]

    @property
    def people(self) -> int:
        """Return how many would move in all."""
        return sum(flow.people for flow in self.flows)


def preview(stage: Stage, draft: RuleDraft, *, user: User, now: datetime) -> Preview:
    """Return who of those `user` may see would move; nothing is kept. Raises BadRule, Invalid, OperationalError."""
    clean = cleaned(stage, draft)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {SECONDS * 1000}")
        rule = rule_of(stage)
        holding = _holding(rule, clean, now)
        for name, value in clean.items():
            setattr(rule, name, value)
        for side in SIDES:
            setattr(rule, f"{side}_segment_id", _STAND_INS[side] if clean[side] is not None else None)
        rule.save()
        rows = _rows(cursor, holding, user, now)
        transaction.set_rollback(True)
    labels: dict[int | None, str] = {row.pk: row.label for row in Stage.objects.all()}
    people = Contact.objects.in_bulk([number for *_row, numbers in rows for number in numbers])
    return Preview(
        [Flow(labels.get(old), labels[new], n, [people[number] for number in numbers]) for old, new, n, numbers in rows]
    )


def _holding(rule: StageRule, clean: dict[str, Any], now: datetime) -> Sql:
    """Return who holds what: the kept members of other rules, and for this one whoever matches it as written."""
    parts, at = [Sql(HOLDING)], moment_at(now)
    for side in SIDES:
        if clean[side] is not None:
            everybody, known = parse(clean[side]).everybody(at), getattr(rule, f"{side}_segment_id")
            parts.append(compose(_WRITTEN, _STAND_INS[side], now, known, everybody=everybody))
    return joined(" UNION ALL ", parts)


def _rows(
    cursor: CursorWrapper, holding: Sql, user: User, now: datetime
) -> list[tuple[int | None, int, int, list[int]]]:
    visible, params = Contact.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    wanted = WANTED.format(people="true", holding=holding.text)
    cursor.execute(wanted + _COUNTED.format(visible=visible), [now, *holding.params, _NAMES, *params])
    return list(cursor.fetchall())
