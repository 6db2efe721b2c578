"""The numbers of the live canvas as JSON in the reader's language: badges of cards, numbers of ways, rows of the panel.

Every number carries the address of its people.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from campaigns.sending.models import LeftOut
from crm.kit.figures import count, percent
from journeys.engine.models import End
from journeys.results.behind import WHAT, Behind
from journeys.results.figures import Figures, StepFigures

# Badges of a card, from the left: what, icon, tone. Numbers of nobody are left out.
_BADGES = (
    ("waiting", "clock", "info"),
    ("passed", "check", ""),
    ("sent", "mail", ""),
    ("opened", "mail-opened", ""),
    ("clicked", "click", ""),
    ("left_out", "mail-off", ""),
    ("converted", "target-arrow", "good"),
    ("left", "door-exit", ""),
    ("aside", "alert-triangle", "bad"),
)
ICONS = frozenset(icon for _what, icon, _tone in _BADGES)


def told(found: Figures, about: Behind, outlets: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return `steps` by key and `start`; `outlets` are the labels of ways out by step and outlet."""
    steps = {key: _step(step, replace(about, key=key), outlets.get(key, {})) for key, step in found.steps.items()}
    return {"steps": steps, "entered": figure(found.entered, replace(about, what="entered"))}


def legend() -> list[dict[str, str]]:
    """Return what the badges mean."""
    return [{"icon": icon, "label": str(WHAT[what])} for what, icon, _tone in _BADGES]


def figure(n: int, about: Behind, label: str = "") -> dict[str, Any]:
    """Return one number as JSON, with the address of its people."""
    what = about.what.partition(".")[0]
    return {"n": n, "text": count(n), "label": label or str(WHAT[what]), "url": about.url}


def numbers(step: StepFigures) -> dict[str, int]:
    """Return the numbers of a step by what they say; mails only of a step that sends some."""
    mails = {} if step.mails is None else {**step.mails, "left_out": sum(step.left_out.values())}
    return {
        "waiting": step.waiting,
        "passed": sum(step.passed.values()),
        **mails,
        "converted": step.converted,
        "left": sum(step.lost.values()),
        "aside": step.aside,
    }


def _step(step: StepFigures, about: Behind, outlets: Mapping[str, str]) -> dict[str, Any]:
    known = numbers(step)
    shown = {what: figure(n, replace(about, what=what)) for what, n in known.items()}
    badges = [shown[what] | {"icon": icon, "tone": tone} for what, icon, tone in _BADGES if known.get(what)]
    ways = {outlet: figure(n, replace(about, what=f"passed.{outlet}")) for outlet, n in step.passed.items()}
    return {
        "badges": badges,
        "left": ways,
        "rows": [*(row | {"under": _under(what, step, about, outlets)} for what, row in shown.items())],
        "held": [{"step": step_id, "why": why} for step_id, why in step.held],
        "aside": step.aside,
    }


def _under(what: str, step: StepFigures, about: Behind, outlets: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a number is made of: ways out, reasons."""
    parts: list[tuple[str, str, int]] = []
    if what == "passed" and len(step.passed) > 1:
        parts = [(key, outlets.get(key, key), n) for key, n in step.passed.items()]
    elif what == "left_out":
        parts = [(key, str(LeftOut(key).label), n) for key, n in step.left_out.items()]
    elif what == "left":
        parts = [(key, str(End(key).label), n) for key, n in step.lost.items()]
    rows = sorted(parts, key=lambda part: -part[2])
    return [figure(n, replace(about, what=f"{what}.{key}"), label) for key, label, n in rows]


def summary(found: Figures, about: Behind) -> list[dict[str, Any]]:
    """Return the tiles above the canvas."""
    tiles = [("inside", found.inside), ("entered", found.entered), ("converted", found.converted)]
    told_out = [("held_out", found.held_out)] if found.held_out else []
    shown = [figure(n, replace(about, key="", what=what)) for what, n in (*tiles, *told_out)]
    share = found.converted / found.entered if found.entered else None
    if share is not None:
        shown[2]["note"] = _("%(share)s of those who came in") % {"share": percent(min(share, 1))}
    return shown
