"""A rule in words for the pages."""

from typing import Any

from contacts.segments.errors import BadRule
from contacts.segments.rules.cost import cost
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sentence import sentence


def of(definition: Any) -> dict[str, Any]:
    """Return `sentence` and `slow` of a stored definition; one that cannot be read is said by what is wrong."""
    try:
        return of_rule(parse(definition))
    except BadRule as error:
        return {"sentence": str(error), "slow": ()}


def of_rule(rule: Rule) -> dict[str, Any]:
    """Return `sentence` and `slow`: (condition in words, reason) of each that takes long over millions of people."""
    warning = cost(rule)
    return {"sentence": sentence(rule.root), "slow": warning.reasons if warning else ()}
