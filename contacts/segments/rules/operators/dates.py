"""Operators on days and times: every one but the anniversaries is a range whose ends move with the clock."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.date_readers import (
    AFTER_DAY,
    BEFORE_DAY,
    DAYS_AGO,
    DAYS_AHEAD,
    DAYS_BETWEEN,
    FROM_DAY,
    IN_LAST,
    IN_NEXT,
    MONTHS,
    MORE_AGO,
    MORE_AHEAD,
    ON_DAY,
    PERIOD,
    UNTIL_DAY,
    YEARLY_DAYS,
    YEARLY_PERIOD,
    YEARLY_WITHIN,
)
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.field import Label
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.moving import Moving
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.ranges import Range, passed
from contacts.segments.rules.readers import Reader
from contacts.segments.rules.sql import FALSE, Sql, compose, joined
from contacts.segments.rules.value_type import Type
from contacts.segments.rules.yearly import Yearly

_DATES = (Type.DATE, Type.DATETIME)
_DAY = (Type.DATE,)


# --- ranges ---------------------------------------------------------------------------------------------------------
def _range(moving: Moving, at: Moment, zone: ZoneInfo) -> Range[Any]:
    return moving.range(at.now, zone)


def _within(x: Expression, between: Range[Any]) -> Sql:
    return between.sql(x.sql)


def _passed(x: Expression, before: Range[Any], after: Range[Any]) -> Sql:
    over = passed(before, after)
    return compose("({any})", any=joined(" OR ", [part.sql(x.sql) for part in over])) if over else FALSE


def _ranged(key: str, label: Label, pattern: Label, reader: Reader) -> Operator:
    return Operator(key, _DATES, label, pattern, reader, _within, resolve=_range, moved=_passed, zoned=True)


def _outside(key: str, label: Label, pattern: Label, reader: Reader, of: str) -> Operator:
    return Operator(key, _DATES, label, pattern, reader, negates=of, zoned=True)


# --- anniversaries --------------------------------------------------------------------------------------------------
# Month and day as a number, 1121 for 21 November; immutable, so that it can be indexed.
_MONTH_DAY = "(extract(month FROM {x}) * 100 + extract(day FROM {x}))::int"


def _days(yearly: Yearly, at: Moment, zone: ZoneInfo) -> frozenset[int]:
    return yearly.days(at.now.astimezone(zone).date())


def _on_days(x: Expression, days: frozenset[int]) -> Sql:
    return compose(f"{_MONTH_DAY} = ANY(%s)", sorted(days), x=x.sql)


def _days_changed(x: Expression, before: frozenset[int], after: frozenset[int]) -> Sql:
    return _on_days(x, before ^ after)


def _each_year(key: str, label: Label, pattern: Label, reader: Reader) -> Operator:
    return Operator(key, _DAY, label, pattern, reader, _on_days, resolve=_days, moved=_days_changed, zoned=True)


# fmt: off
# ruff: noqa: E501
DATE_OPERATORS = (
    _ranged("on", _("is on"), _("%(field)s is on %(value)s"), ON_DAY),
    _ranged("before", _("is before"), _("%(field)s is before %(value)s"), BEFORE_DAY),
    _ranged("until", _("is on or before"), _("%(field)s is on or before %(value)s"), UNTIL_DAY),
    _ranged("after", _("is after"), _("%(field)s is after %(value)s"), AFTER_DAY),
    _ranged("from", _("is on or after"), _("%(field)s is on or after %(value)s"), FROM_DAY),
    _ranged("between", _("is between (both days included)"), _("%(field)s is between %(value)s"), DAYS_BETWEEN),
    _outside("between_not", _("is not between (or is missing)"), _("%(field)s is not between %(value)s (or is missing)"), DAYS_BETWEEN, "between"),
    _ranged("in_period", _("is in: today, this month …"), _("%(field)s is %(value)s"), PERIOD),
    _outside("in_period_not", _("is not in: today, this month … (or is missing)"), _("%(field)s is not %(value)s (or is missing)"), PERIOD, "in_period"),
    _ranged("in_last", _("is in the last"), _("%(field)s is in the last %(value)s"), IN_LAST),
    _outside("in_last_not", _("is not in the last (or is missing)"), _("%(field)s is not in the last %(value)s (or is missing)"), IN_LAST, "in_last"),
    _ranged("more_than_ago", _("is more than … ago"), _("%(field)s is more than %(value)s ago"), MORE_AGO),
    _ranged("in_next", _("is in the next"), _("%(field)s is in the next %(value)s"), IN_NEXT),
    _outside("in_next_not", _("is not in the next (or is missing)"), _("%(field)s is not in the next %(value)s (or is missing)"), IN_NEXT, "in_next"),
    _ranged("more_than_ahead", _("is more than … ahead"), _("%(field)s is more than %(value)s ahead"), MORE_AHEAD),
    _ranged("days_ago", _("is exactly so many days ago"), _("%(field)s is exactly %(value)s ago"), DAYS_AGO),
    _ranged("days_ahead", _("is in exactly so many days"), _("%(field)s is in exactly %(value)s"), DAYS_AHEAD),
    _each_year("yearly_in_days", _("comes round in exactly so many days (0: today)"), _("%(field)s comes round in %(value)s"), YEARLY_DAYS),
    _each_year("yearly_within_days", _("comes round within so many days"), _("%(field)s comes round within %(value)s"), YEARLY_WITHIN),
    _each_year("yearly_in_period", _("comes round: today, this month …"), _("%(field)s comes round %(value)s"), YEARLY_PERIOD),
    _each_year("yearly_in_months", _("is in the month, in any year"), _("%(field)s is in %(value)s, in any year"), MONTHS),
)
# fmt: on
