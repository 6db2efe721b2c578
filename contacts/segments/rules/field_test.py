"""The leaf that asks for a field: {"field": "city", "operator": "is", "value": "Seoul"}."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext as _

from contacts.segments.errors import Problem, Wrong
from contacts.segments.rules.expression import Test
from contacts.segments.rules.fields.field import Field
from contacts.segments.rules.fields.named import field_named
from contacts.segments.rules.fields.showing import shown
from contacts.segments.rules.fields.sources import Countable, Flipping, Source
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.operators import operators_of, opposite
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.parsing import LeafKind, Path, unknown_keys
from contacts.segments.rules.ranges import Range, days
from contacts.segments.rules.sql import TRUE, Sql, compose, joined, negated
from contacts.segments.rules.tree import Form
from contacts.segments.rules.value_type import Type
from contacts.segments.rules.words import filled
from contacts.segments.rules.zones import groups_of_zones

_KEYS = {"field", "operator", "value", "zone"}
_ZONES = ("company", "contact")


@dataclass(frozen=True)
class FieldTest:
    """One operator on one field. `own_zone`: days are those of the person's time zone, not of the company's."""

    field: Field
    operator: Operator
    value: Any
    own_zone: bool = False

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""
        kept = {"field": self.field.key, "operator": self.operator.key}
        value = self.operator.reader.stored(self.value)
        return kept | ({} if value is None else {"value": value}) | ({"zone": "contact"} if self.own_zone else {})

    @property
    def _positive(self) -> Operator:
        return opposite(self.operator, self.field.type) if self.operator.negates else self.operator

    @property
    def _source(self) -> Source:
        source = self.field.source
        return cast("Countable", source).counted() if self.operator.counts else source

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is never null; the opposite of the positive operator where this one is negative."""
        parts = []
        for who, (value,) in groups_of_zones((at,), self._resolved, own=self.own_zone):
            asked = joined(" AND ", self._asked(value, form, at))
            parts.append(asked if who == TRUE else compose("({who} AND {asked})", who=who, asked=asked))
        positive = compose("({parts})", parts=joined(" OR ", parts))
        return negated(positive) if self.operator.negates else positive

    def _asked(self, value: Any, form: Form, at: Moment) -> list[Sql]:
        asked = [self._source.placed(test, form, at) for test in self._tests(value)]
        if self._positive.only:
            asked.append(negated(self._source.placed(lambda x: x.beyond(value), form, at)))
        return asked

    def _resolved(self, at: Moment, zone: Any) -> Any:
        resolve = self._positive.resolve
        value = resolve(self.value, at, zone) if resolve else self._spellings
        if isinstance(value, Range) and self.field.type is Type.DATE:
            value = days(value, zone)
        return self._source.scaled(value, at)

    @property
    def _spellings(self) -> Any:
        """The value; whole texts each also as they are written when saved (Seoul, 서울)."""
        if not self._positive.whole:
            return self.value
        texts = (self.value,) if isinstance(self.value, str) else self.value
        written = self.field.written
        return tuple(dict.fromkeys([*texts, *(written(text) for text in texts if written)]))

    def _tests(self, value: Any) -> list[Test]:
        values = [(one,) for one in value] if self._positive.each else [value]
        return [self._test(one) for one in values]

    def _test(self, value: Any) -> Test:
        test = self._positive.test
        assert test is not None
        return lambda x: test(x, value)

    @property
    def widens_to_account(self) -> bool:
        """Tell whether an event of a person touches everybody of her account; read by Rule."""
        return self.field.of_account

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return a SELECT of those whose answer time alone may change in (since, until], for each group of zones."""
        moved, aged = self._positive.moved, self._source.crossed(since, until)
        found = [compose("SELECT c.id FROM contacts_contact c WHERE {aged}", aged=aged)] if aged else []
        if moved is None:
            return tuple(found)
        for who, (before, after) in groups_of_zones((since, until), self._resolved, own=self.own_zone):
            if before != after:
                flips = self._flips(lambda x, b=before, a=after: moved(x, b, a), until)  # type: ignore[misc]
                found.append(
                    compose("SELECT c.id FROM contacts_contact c WHERE {who} AND {flips}", who=who, flips=flips)
                )
        return tuple(found)

    def _flips(self, test: Test, at: Moment) -> Sql:
        source = self._source
        return source.flips(test, at) if isinstance(source, Flipping) else source.placed(test, Form.SET, at)

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ."""
        kinds = self.field.kinds
        return frozenset(kinds() if callable(kinds) else kinds)

    def segments(self) -> frozenset[int]:
        """Return the ids of the segments that it reads."""
        return frozenset(self.value or ()) if self.field.reads_segments else frozenset()

    def sentence(self) -> str:
        """Return the question in words."""
        words = self.operator.reader.words(self.value, self.field)
        said = filled(str(self.operator.pattern), field=str(self.field.label), value=words)
        return _("%(question)s, in each person's time zone") % {"question": said} if self.own_zone else said

    def slow_because(self) -> str:
        """Return why it takes long over everybody; "" when it does not."""
        return str(self.operator.slow or self.field.slow)

    def decided_by(self, at: Moment) -> Sql:
        """Return the value itself as jsonb."""
        return self.field.source.decided(at)

    def shown(self, value: Any) -> str:
        """Return such a value in words."""
        return shown(self.field, value)


def _parse(raw: Mapping[str, Any], path: Path, problems: list[Problem]) -> FieldTest | None:
    problems += unknown_keys(raw, _KEYS, path)
    try:
        field = field_named(_text(raw, "field"))
    except Wrong as error:
        problems.append(error.at((*path, "field")))
        return None
    operator = operators_of(field).get(_text(raw, "operator"))
    if operator is None:
        message = _("%(field)s: there is no operator “%(key)s” for it.")
        words = {"field": field.label, "key": _text(raw, "operator")[:40]}
        problems.append(Problem((*path, "operator"), message % words))
        return None
    own_zone = _own_zone(raw, operator, path, problems)
    try:
        value = operator.reader.read(raw.get("value"), field)
    except Wrong as error:
        problems.append(error.at((*path, "value")))
        return None
    return FieldTest(field, operator, value, own_zone)


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else str(value)[:40]


def _own_zone(raw: Mapping[str, Any], operator: Operator, path: Path, problems: list[Problem]) -> bool:
    zone = raw.get("zone", "company")
    if zone not in _ZONES or (zone == "contact" and not operator.zoned):
        problems.append(Problem((*path, "zone"), _("A zone is “company”, or for days “contact”.")))
    return bool(zone == "contact")


FIELD_LEAF = LeafKind("field", _parse, {"$ref": "#/$defs/field"})
