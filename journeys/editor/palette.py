"""What can be put on the canvas: step kinds by shelf and trigger kinds, with what a new one begins with."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from journeys.graph.filled import fill_step
from journeys.graph.graph import Step
from journeys.steps.kind import STEP_KINDS, Shelf, StepForm
from journeys.triggers.kind import TRIGGER_KINDS

SHELVES = {
    Shelf.MESSAGE: _("Messages"),
    Shelf.TIME: _("Time"),
    Shelf.WAY: _("Ways"),
    Shelf.PERSON: _("About the person"),
    Shelf.TEAM: _("Team"),
    Shelf.OTHER: pgettext_lazy("steps", "More"),
}


def shelves() -> list[dict[str, Any]]:
    """Return the shelves that hold something, in order, as JSON in the active language."""
    filled = ((shelf, [kind for kind in STEP_KINDS if kind.shelf == shelf]) for shelf in SHELVES)
    return [
        {"key": shelf.value, "label": str(SHELVES[shelf]), "kinds": [_kind(kind.key) for kind in kinds]}
        for shelf, kinds in filled
        if kinds
    ]


def triggers() -> list[dict[str, Any]]:
    """Return the kinds of triggers, as JSON in the active language."""
    return [
        {"key": kind.key, "label": str(kind.label), "icon": kind.icon, "settings": begun(kind.form())}
        for kind in TRIGGER_KINDS
    ]


def begun(form: StepForm) -> dict[str, Any]:
    """Return the settings of a new step: what the fields begin with, as the form would read them."""
    found = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if value is not None:
            found[name] = form.json_of(name, field.prepare_value(value))
    return found


def icons() -> set[str]:
    """Return the names of the icons of all kinds."""
    return {kind.icon for kind in STEP_KINDS} | {kind.icon for kind in TRIGGER_KINDS} | {"help"}


def _kind(key: str) -> dict[str, Any]:
    kind = STEP_KINDS[key]
    settings = begun(kind.form())
    filled = fill_step(Step("new", key, settings))
    return {
        "key": key,
        "label": str(kind.label),
        "icon": kind.icon,
        "settings": settings,
        "said": filled.said,
        "outlets": [{"key": outlet.key, "label": str(outlet.label)} for outlet in filled.outlets],
    }
