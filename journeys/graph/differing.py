"""What changed from one drawing to another, in words: shown before publishing, before an import, and in the history."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.graph.filled import FilledStep, FilledTrigger, fill_step, fill_trigger
from journeys.graph.graph import JUMP, Graph, Step

RULES = {
    "entry": gettext_lazy("Who may come in"),
    "again": gettext_lazy("How often one person may come in"),
    "again_days": gettext_lazy("Days until somebody may come in again"),
    "exit": gettext_lazy("When it ends for a person"),
    "left_segment": gettext_lazy("The segment whose leaving ends it"),
    "unsubscribed": gettext_lazy("Whether refusing marketing ends it"),
    "goal": gettext_lazy("The goal"),
    "goal_days": gettext_lazy("Days in which the goal counts"),
    "goal_ends": gettext_lazy("Whether the goal ends it"),
    "hold_out": gettext_lazy("Percent of people who get nothing, to compare"),
}


class Mark(StrEnum):
    """What sort of change it is."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """One change in a sentence; `key` is that of the step or trigger, "" for the journey's own settings."""

    mark: Mark
    text: str
    key: str = ""

    def __str__(self) -> str:
        return self.text


def differences(old: Graph, new: Graph) -> list[Difference]:
    """Return what changed for people, in the order of the new drawing; places, notes and comments do not count."""
    return [*_triggers(old, new), *_rules(old, new), *_steps(old, new), *_links(old, new)]


def _triggers(old: Graph, new: Graph) -> Iterator[Difference]:
    before = {trigger.key: trigger for trigger in old.triggers}
    for trigger in new.triggers:
        was = before.pop(trigger.key, None)
        said = _said(fill_trigger(trigger))
        if was is None:
            yield Difference(Mark.NEW, _("New start: %(said)s") % {"said": said}, trigger.key)
        elif (was.kind, was.settings) != (trigger.kind, trigger.settings):
            facts = {"was": _said(fill_trigger(was)), "now": said}
            yield Difference(Mark.CHANGED, _("Changed start: %(was)s → %(now)s") % facts, trigger.key)
    for was in before.values():
        yield Difference(Mark.GONE, _("Start removed: %(said)s") % {"said": _said(fill_trigger(was))}, was.key)


def _rules(old: Graph, new: Graph) -> Iterator[Difference]:
    for name, label in RULES.items():
        if getattr(old.rules, name) != getattr(new.rules, name):
            yield Difference(Mark.CHANGED, _("Changed setting: %(setting)s") % {"setting": label})


def _steps(old: Graph, new: Graph) -> Iterator[Difference]:
    for step in new.steps:
        was = old.by_key.get(step.key)
        if was is None:
            yield Difference(Mark.NEW, _("New step: %(step)s") % {"step": title(step)}, step.key)
        else:
            yield from _step(was, step)
    for step in old.steps:
        if step.key not in new.by_key:
            yield Difference(Mark.GONE, _("Step removed: %(step)s") % {"step": title(step)}, step.key)


def _step(was: Step, step: Step) -> Iterator[Difference]:
    if (was.kind, was.settings) != (step.kind, step.settings):
        facts = {"was": _said(fill_step(was)), "now": _said(fill_step(step))}
        same = facts["was"] == facts["now"]
        text = _("Changed step: %(now)s") if same else _("Changed step: %(was)s → %(now)s")
        yield Difference(Mark.CHANGED, text % facts, step.key)
    if was.lane != step.lane:
        yield Difference(Mark.CHANGED, _("Step moved to another stage: %(step)s") % {"step": title(step)}, step.key)


def _links(old: Graph, new: Graph) -> Iterator[Difference]:
    if old.first != new.first and new.first in new.by_key and old.steps:
        text = _("People begin at: %(step)s") % {"step": title(new.by_key[new.first])}
        yield Difference(Mark.CHANGED, text, new.first)
    for step in new.steps:
        outlets = {outlet.key: str(outlet.label) for outlet in fill_step(step).outlets}
        leading = {outlet for source, outlet in (*old.targets, *new.targets) if source == step.key}
        for outlet in sorted(leading) if step.key in old.by_key and step.kind != JUMP else ():
            if old.targets.get((step.key, outlet)) != (target := new.targets.get((step.key, outlet))):
                facts = {"step": title(step), "outlet": outlets.get(outlet, outlet), "to": _target(new, target)}
                yield Difference(Mark.CHANGED, _("%(step)s: “%(outlet)s” now leads to %(to)s") % facts, step.key)


def _target(graph: Graph, key: str | None) -> str:
    if not key or key not in graph.by_key:
        return _("the end of the journey")
    name = title(graph.by_key[key])
    return name if "“" in name else f"“{name}”"  # no quotation within a quotation


def title(step: Step) -> str:
    """Return what a step is called: its author's name, else what it does in words."""
    return step.name or _said(fill_step(step))


def _said(filled: FilledStep | FilledTrigger) -> str:
    return filled.said
