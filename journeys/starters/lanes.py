"""Where the steps of a ready journey lie: five meanings of the lifecycle, found among the stages in use."""

from collections.abc import Sequence
from enum import StrEnum

from contacts.stages.models import Stage


class Meaning(StrEnum):
    """What a stage is about, whatever a company calls it."""

    DISCOVER = "discover"
    EDUCATE = "educate"
    CONVERT = "convert"
    RETAIN = "retain"
    ADVOCATE = "advocate"


# Keys of the models that ship (contacts/stages/presets.py), the surest first; "engage" begins B2B and ends RACE.
_KEYS = {
    Meaning.DISCOVER: ("discover", "reach", "awareness", "lead-generation", "engage"),
    Meaning.EDUCATE: ("educate", "act", "consideration", "nurture"),
    Meaning.CONVERT: ("convert", "purchase"),
    Meaning.RETAIN: ("retain", "retention", "customer-success", "engage"),
    Meaning.ADVOCATE: ("advocate", "advocacy", "grow"),
}


def lane_of(meaning: Meaning, stages: Sequence[Stage]) -> Stage | None:
    """Return the stage of that meaning, else the one at the same share of the way; None where there are none."""
    by_key = {stage.key: stage for stage in stages}
    known = next((by_key[key] for key in _KEYS[meaning] if key in by_key), None)
    if known is not None or not stages:
        return known
    return stages[round(list(Meaning).index(meaning) / (len(Meaning) - 1) * (len(stages) - 1))]
