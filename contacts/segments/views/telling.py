"""A rule in words for the pages."""

from typing import Any

from contacts.everybody import how_many
from contacts.segments.errors import BadRule
from contacts.segments.rules.cost import cost
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sentence import sentence


def of(definition: Any) -> dict[str, Any]:
    """Return `sentence` and `slow` (cost.Warning or None) of a stored definition; or what is wrong with it."""
    try:
        return of_rule(parse(definition))
    except BadRule as error:
        return {"sentence": str(error), "slow": None}


def of_rule(rule: Rule) -> dict[str, Any]:
    """Return `sentence` and `slow`: what of it takes long over as many people as there are, or None."""
    return {"sentence": sentence(rule.root), "slow": cost(rule, how_many)}
