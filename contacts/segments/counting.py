"""How many people a rule finds, saved or not, who they are, and who just misses: at once from a slice, then exactly.

Everything is asked through visible_to, and gives up after some seconds with a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models.expressions import RawSQL

from contacts.everybody import at_most, how_many
from contacts.people.models import Contact, ContactQuerySet
from contacts.segments.moments import moment_at
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sql import FALSE, Sql, compose, joined
from contacts.segments.rules.tree import Form, Mode
from crm.team.models import User

SECONDS = 10.0  # for an exact answer
QUICK = 2.0  # for a first one
SMALL = 100_000  # contacts; up to here everybody is counted
_SLICE = 128
_FEW = 25  # hits; below it the slice tells only an upper bound
FEWER_THAN = 5_000
# The slice has an index of its own (migration 0015).
_OF_SLICE = """
SELECT c.id FROM contacts_contact c
WHERE (hashint8(c.id) & 127) = 0 AND c.merged_into_id IS NULL AND {test}
"""
_MISSES = """
SELECT c.id, array_position(ARRAY[{tests}], false) - 1
FROM contacts_contact c WHERE c.merged_into_id IS NULL AND c.id IN ({visible}) AND {slice} AND ({met}) = %s
ORDER BY c.id LIMIT %s
"""
_IN_SLICE = Sql("(hashint8(c.id) & 127) = 0")


@dataclass(frozen=True)
class Estimate:
    """About how many people: `people`, exact or from a slice; `is_bound`: fewer than that."""

    people: int
    is_exact: bool = False
    is_bound: bool = False


@dataclass(frozen=True)
class NearMiss:
    """Somebody for whom only one part of the rule does not hold: the child number `failing` of the top group."""

    contact: Contact
    failing: int


def people_matching(rule: Rule, user: User, now: datetime) -> ContactQuerySet:
    """Return whom the rule finds, as far as `user` may see them."""
    everybody = rule.everybody(moment_at(now))
    found = RawSQL(everybody.text, everybody.params)  # noqa: S611 - text is ours, values are parameters
    return Contact.objects.visible_to(user).filter(pk__in=found)


def estimate(rule: Rule, user: User, now: datetime) -> Estimate:
    """Return about how many people the rule finds: all are counted when there are few, else a slice. Raises TooSlow."""
    with at_most(QUICK):
        if how_many() <= SMALL:
            return Estimate(people_matching(rule, user, now).count(), is_exact=True)
        hits = _of_slice(rule, user, now).count()
    return Estimate(hits * _SLICE) if hits >= _FEW else Estimate(FEWER_THAN, is_bound=True)


def exact(rule: Rule, user: User, now: datetime) -> int:
    """Return how many people the rule finds. Raises TooSlow."""
    with at_most(SECONDS):
        return people_matching(rule, user, now).count()


def sample(rule: Rule, user: User, now: datetime, size: int = 5) -> list[Contact]:
    """Return some people whom the rule finds, from the slice when it has enough. Raises TooSlow."""
    with at_most(QUICK):
        found = list(_of_slice(rule, user, now).order_by("pk")[:size])
    if len(found) == size:
        return found
    with at_most(SECONDS):
        return list(people_matching(rule, user, now).order_by("pk")[:size])


def near_misses(rule: Rule, user: User, now: datetime, size: int = 5) -> list[NearMiss]:
    """Return some people for whom exactly one part of an "all of these" rule does not hold. Raises TooSlow.

    There are none for other rules, and for one with a single part, which everybody else would just miss.
    """
    if rule.root.mode is not Mode.ALL or len(rule.root.children) < 2:
        return []
    with at_most(QUICK):
        found = _misses(rule, user, now, size, _IN_SLICE)
    if len(found) < size and how_many() <= SMALL:
        with at_most(SECONDS):
            found = _misses(rule, user, now, size, Sql("true"))
    contacts = Contact.objects.visible_to(user).in_bulk([contact for contact, _ in found])
    return [NearMiss(contacts[contact], failing) for contact, failing in found if contact in contacts]


def _of_slice(rule: Rule, user: User, now: datetime) -> ContactQuerySet:
    piece = compose(_OF_SLICE, test=rule.test(moment_at(now)))
    found = RawSQL(piece.text, piece.params)  # noqa: S611 - text is ours, values are parameters
    return Contact.objects.visible_to(user).filter(pk__in=found)


def _misses(rule: Rule, user: User, now: datetime, size: int, within: Sql) -> Sequence[tuple[int, int]]:
    at = moment_at(now)
    tests = [child.sql(Form.SCALAR, at) for child in rule.root.children]
    statement = compose(
        _MISSES,
        len(tests) - 1,
        size,
        tests=joined(", ", tests),
        visible=_visible(user),
        slice=within,
        met=joined(" + ", [compose("({test})::int", test=test) for test in tests]),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return [(contact, failing) for contact, failing in cursor.fetchall()]


def _visible(user: User) -> Sql:
    people = Contact.objects.visible_to(user).values("pk")
    if people.query.is_empty():
        return compose("SELECT NULL::bigint WHERE {no}", no=FALSE)
    text, params = people.query.sql_with_params()
    return Sql(text, tuple(params))
