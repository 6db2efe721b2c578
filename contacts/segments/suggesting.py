"""Values to choose for a field, as people have them, with how many: from everybody, or from a slice of very many.

Only people whom the reader may see are counted. What takes too long is offered without a number.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from contacts.everybody import TooSlow, at_most, how_many
from contacts.people.models import Contact
from contacts.segments.counting import SMALL
from contacts.segments.rules.fields.attributes import Offered
from contacts.segments.rules.fields.choices import MOST
from contacts.segments.rules.fields.field import Field, Suggestion
from contacts.segments.rules.fields.sources import Listed
from contacts.segments.rules.sql import TRUE, Sql, compose
from contacts.segments.rules.value_type import Type
from crm.team.models import User
from crm.team.permissions import Action, Scope, scope

QUICK = 1.0  # seconds
_SLICE = 128
_IN_SLICE = Sql("(hashint8(c.id) & 127) = 0")  # the index of migration 0015
_SPREAD = """
SELECT one.v, count(DISTINCT c.id) FROM {rows} CROSS JOIN LATERAL ({values}) AS one(v)
WHERE c.merged_into_id IS NULL AND {visible} AND {slice} AND one.v IS NOT NULL AND {wanted}
GROUP BY one.v ORDER BY 2 DESC, 1 LIMIT %s
"""


def suggest(field: Field, typed: str, user: User) -> list[Suggestion]:
    """Return at most 20 values of `field` that fit what was typed, the most frequent first where they are free texts.

    A number is None when it is not known: too rare for the slice, or too slow.
    """
    if field.choices is None:
        return []
    source = field.source
    if not isinstance(source, Listed):
        return field.choices.search(typed, user)
    if field.choices.closed or (isinstance(field.choices, Offered) and field.choices.choices):
        return _counted(field, source, field.choices.search(typed, user), user)
    wanted = compose("strpos(lower(one.v::text), lower(%s)) > 0", typed) if typed else TRUE
    found = _spread(field, source, wanted, user)
    words = field.choices.labels([value for value, _n in found])
    return [Suggestion(value, words[value], n) for value, n in found]


def _counted(field: Field, source: Listed, found: list[Suggestion], user: User) -> list[Suggestion]:
    wanted = compose("one.v = ANY(%s)", [one.value for one in found])
    counts = dict(_spread(field, source, wanted, user)) if found else {}
    rest = 0 if _everybody_is_read() else None
    return [replace(one, count=counts.get(one.value, rest)) if one.count is None else one for one in found]


def _everybody_is_read() -> bool:
    return how_many() <= SMALL


def _spread(field: Field, source: Listed, wanted: Sql, user: User) -> Sequence[tuple[Any, int]]:
    """Return (value, number of people), the most frequent first; from the slice about so many."""
    whole = _everybody_is_read()
    statement = compose(
        _SPREAD,
        MOST,
        rows=source.rows(),
        values=source.each(field.type is Type.ENTRIES),
        visible=_visible(user),
        slice=TRUE if whole else _IN_SLICE,
        wanted=wanted,
    )
    try:
        with at_most(QUICK), connection.cursor() as cursor:
            cursor.execute(statement.text, statement.params)
            return [(value, n if whole else n * _SLICE) for value, n in cursor.fetchall()]
    except TooSlow:
        return []


def _visible(user: User) -> Sql:
    if scope(user, Action.CONTACT_VIEW) is Scope.ALL:
        return TRUE
    text, params = Contact.objects.visible_to(user).values("pk").query.sql_with_params()
    return Sql(f"c.id IN ({text})", tuple(params))
