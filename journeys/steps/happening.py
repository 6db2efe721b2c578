"""What must happen, as a field of a form: conditions on behaviour from the rule builder, any of which will do."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.segments.rules.amounts import ONCE
from contacts.segments.rules.deeds import keys_of
from contacts.segments.rules.did import Did
from contacts.segments.rules.occurrence import Occurrence
from contacts.segments.rules.ranges import Range
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sql import Sql, compose, joined
from contacts.segments.rules.tree import Form, Mode
from contacts.segments.rules.windows import EVER
from contacts.segments.rules.words import either
from journeys.steps.rule_field import RuleField


@dataclass(frozen=True)
class Happening:
    """Kinds of events with what narrows them; the first of any counts."""

    rule: Rule
    any_of: tuple[Occurrence, ...]

    def stored(self) -> dict[str, Any]:
        """Return the definition as JSON."""
        return self.rule.stored()

    def kinds(self) -> frozenset[str]:
        """Return the event kinds that are meant."""
        return frozenset(key for one in self.any_of for key in keys_of(one.kind))

    def said(self) -> str:
        """Return it in words: placed an order or viewed a page (page “Prices”)."""
        return either([one.said() for one in self.any_of])

    def tests(self) -> Sql:
        """Return the condition over events `e`; those taken back since do not count."""
        return joined(" OR ", [compose("({test})", test=_counting(one)) for one in self.any_of])

    def first(self, where: Sql) -> Sql:
        """Return a SELECT of id and at of the first event `e` for which `where` holds."""
        each = [
            compose(
                "(SELECT e.id, e.occurred_at AS at FROM event e WHERE {test} AND {where} ORDER BY 2, 1 LIMIT 1)",
                test=_counting(one),
                where=where,
            )
            for one in self.any_of
        ]
        return compose("SELECT * FROM ({each}) AS found ORDER BY at, id LIMIT 1", each=joined(" UNION ALL ", each))


def _counting(what: Occurrence) -> Sql:
    return compose("{test} AND {counts}", test=what.test(), counts=what.counting(Form.SCALAR, Range()))


class HappeningField(RuleField):
    """A rule that only asks whether something happened; cleaned to a Happening, or None."""

    def to_python(self, value: Any) -> Happening | None:  # type: ignore[override]  # see RuleField
        """Return what must happen. Raises ValidationError for anything else."""
        rule = super().to_python(value)
        if rule is None:
            return None
        found = tuple(leaf.what for leaf in rule.root.children if isinstance(leaf, Did) and _is_plain(leaf))
        if not found or len(found) < len(rule.root.children) or _joins_several(rule):
            raise ValidationError(
                _("Choose activities alone, any of which will do: without how often, and without a time."),
                code="happening",
            )
        return Happening(rule, found)


def _is_plain(leaf: Did) -> bool:
    return leaf.amount == ONCE and leaf.window == EVER


def _joins_several(rule: Rule) -> bool:
    mode, count = rule.root.mode, len(rule.root.children)
    return mode is Mode.NONE or (mode is Mode.ALL and count > 1)
