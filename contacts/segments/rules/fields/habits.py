"""How active a person is, and where she stands among buyers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.habits import activity
from contacts.habits.buyers import RANKED
from contacts.habits.models import Activity
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.kinds import keys_where
from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.fields.choices import members
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.ranges import Range, passed
from contacts.segments.rules.sql import Sql, compose, joined
from contacts.segments.rules.tree import Form
from contacts.segments.rules.value_type import Type

_SEEN = Sql("coalesce((SELECT s.last_seen_at FROM contact_seen s WHERE s.contact_id = c.id), c.created_at)")
_SEEN_IN = """(
    c.id IN (SELECT s.contact_id FROM contact_seen s WHERE {seen})
    OR {created} AND c.id NOT IN (SELECT s.contact_id FROM contact_seen s)
)"""


def _active_kinds() -> list[str]:
    return keys_where(lambda kind: kind.activity)


@dataclass(frozen=True)
class _Ends:
    """The limits as times at a moment: before which a person is at risk, inactive, lost; since when she is new."""

    new: datetime
    at_risk: datetime
    inactive: datetime
    lost: datetime

    @property
    def seen(self) -> dict[Activity, Range[datetime]]:
        """When a person was last seen who is so."""
        return {
            Activity.NEW: Range(self.at_risk),
            Activity.ACTIVE: Range(self.at_risk),
            Activity.AT_RISK: Range(self.inactive, self.at_risk),
            Activity.INACTIVE: Range(self.lost, self.inactive),
            Activity.LOST: Range(None, self.lost),
        }

    @property
    def created(self) -> dict[Activity, Range[datetime]]:
        """When a person was added who is so."""
        return {Activity.NEW: Range(self.new), Activity.ACTIVE: Range(None, self.new)}


def _ends(at: Moment) -> _Ends:
    spans = activity.limits().spans
    return _Ends(at.now - spans.new, at.now - spans.at_risk, at.now - spans.inactive, at.now - spans.lost)


@dataclass(frozen=True)
class ActivityState:
    """The word for how active a person is. Right at every moment without a job: its limits are times."""

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:
        """Return the test over the word, which everybody has: it is never unknown."""
        ends = _ends(at)
        return test(Expression(_word(ends), lambda state: _is(state, ends, form)))

    def scaled(self, value: Any, at: Moment) -> Any:  # noqa: ARG002 - the protocol's signature
        """Return the value itself."""
        return value

    def decided(self, at: Moment) -> Sql:
        """Return the word."""
        return compose("to_jsonb({word})", word=_word(_ends(at)))

    def crossed(self, since: Moment, until: Moment) -> Sql | None:
        """Return the condition for those who did something, or were added, where a limit passed."""
        before, after = _ends(since), _ends(until)
        names = ("at_risk", "inactive", "lost")
        moved = [one for name in names for one in passed(Range(getattr(before, name)), Range(getattr(after, name)))]
        added = [*moved, *passed(Range(before.new), Range(after.new))]
        if not added:
            return None
        kinds = list(kind_ids(_active_kinds()).values())
        events = [
            compose("SELECT e.contact_id FROM event e WHERE e.kind_id = ANY(%s) AND {in_it}", kinds, in_it=one.sql(_AT))
            for one in moved
        ]
        people = [compose("SELECT b.id FROM contacts_contact b WHERE {in_it}", in_it=one.sql(_ADDED)) for one in added]
        return compose("c.id IN ({them})", them=joined(" UNION ALL ", [*events, *people]))


_AT, _ADDED = Sql("e.occurred_at"), Sql("b.created_at")


def _word(ends: _Ends) -> Sql:
    return compose(
        "(SELECT CASE WHEN a.at < %s THEN 'lost' WHEN a.at < %s THEN 'inactive' WHEN a.at < %s THEN 'at_risk' "
        "WHEN c.created_at >= %s THEN 'new' ELSE 'active' END FROM (SELECT {seen} AS at) AS a)",
        ends.lost,
        ends.inactive,
        ends.at_risk,
        ends.new,
        seen=_SEEN,
    )


def _is(state: str, ends: _Ends, form: Form) -> Sql:
    """Return the condition for one word: ranges over everybody, a look-up for one."""
    seen, created = ends.seen[Activity(state)], ends.created.get(Activity(state), Range())
    added = created.sql(Sql("c.created_at"))
    if form is Form.SCALAR:
        return compose("{seen} AND {added}", seen=seen.sql(_SEEN), added=added)
    both = compose(_SEEN_IN, seen=seen.sql(Sql("s.last_seen_at")), created=seen.sql(Sql("c.created_at")))
    return compose("{both} AND {added}", both=both, added=added)


def _rank(column: str) -> Rows:
    return Rows("contacts_buyerrank", Expression(Sql(f"t.{column}")))


# fmt: off
# ruff: noqa: E501
HABIT_FIELDS = (
    Field("activity", _("how active"), FieldGroup.SOURCE, Type.CHOICE, ActivityState(), _active_kinds, members(Activity)),
    Field("rfm_recency", _("rank by last order (5: the latest fifth of buyers)"), FieldGroup.ORDERS, Type.NUMBER, _rank("recency"), (RANKED,)),
    Field("rfm_frequency", _("rank by number of orders (5: the fifth with most)"), FieldGroup.ORDERS, Type.NUMBER, _rank("frequency"), (RANKED,)),
    Field("rfm_monetary", _("rank by money spent (5: the fifth with most)"), FieldGroup.ORDERS, Type.NUMBER, _rank("monetary"), (RANKED,)),
)
# fmt: on
