"""The rules of stages in words, for pages."""

from dataclasses import dataclass
from typing import Any

from contacts.segments.errors import BadRule
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.sentence import sentence
from contacts.stages.models import Stage, StageRule


@dataclass(frozen=True)
class Described:
    """A stage with its rule in words; empty texts where nothing is asked. `problem`: why a rule cannot be read."""

    stage: Stage
    rule: StageRule | None
    entry: str
    exit: str
    problem: str = ""


def described(stage: Stage) -> Described:
    """Return the stage with its rule in words."""
    rule = getattr(stage, "rule", None)
    if rule is None:
        return Described(stage, None, "", "")
    try:
        return Described(stage, rule, in_words(rule.entry), in_words(rule.exit))
    except BadRule as error:
        return Described(stage, rule, "", "", str(error))


def in_words(definition: Any) -> str:
    """Return a definition as a sentence, "" for none. Raises BadRule."""
    return sentence(parse(definition).root) if definition is not None else ""
