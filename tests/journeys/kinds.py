"""Tiny kinds of steps and triggers for tests that need only their shape."""

from collections.abc import Mapping
from typing import Any

from django import forms

from journeys.errors import Problem
from journeys.graph.graph import Graph, Step
from journeys.steps.kind import Outlet, Shelf, StepForm, StepKind
from journeys.triggers.kind import TriggerForm, TriggerKind


class PauseForm(StepForm):
    days = forms.IntegerField(min_value=1, initial=1)


class Pause(StepKind):
    key, label, icon, shelf, form, waits = "test_pause", "Pause", "clock", Shelf.TIME, PauseForm, True

    def said(self, cleaned: Mapping[str, Any]) -> str:
        return f"Waits {cleaned['days']} days"


class DoForm(StepForm):
    what = forms.CharField(max_length=40)


class Do(StepKind):
    key, label, icon, shelf, form = "test_do", "Do", "bolt", Shelf.PERSON, DoForm

    def said(self, cleaned: Mapping[str, Any]) -> str:
        return f"Does {cleaned['what']}"

    def problems(self, step: Step, graph: Graph, cleaned: Mapping[str, Any]) -> list[Problem]:
        return [Problem("forbidden", "This is forbidden.", step.key)] if cleaned["what"] == "harm" else []


class ChoiceForm(StepForm):
    ways = forms.IntegerField(min_value=2, max_value=5, initial=2)


class Choice(StepKind):
    key, label, icon, shelf, form = "test_choice", "Choice", "arrows-split", Shelf.WAY, ChoiceForm

    def outlets(self, cleaned: Mapping[str, Any]) -> tuple[Outlet, ...]:
        ways = tuple(Outlet(f"way{number}", f"way {number}") for number in range(1, cleaned.get("ways", 2)))
        return (*ways, Outlet("rest", "otherwise", needed=True))


class Stop(StepKind):
    key, label, icon, shelf = "test_stop", "Stop", "flag", Shelf.OTHER

    def outlets(self, cleaned: Mapping[str, Any]) -> tuple[Outlet, ...]:
        return ()


class HandForm(TriggerForm):
    why = forms.CharField(max_length=40, required=False)


class Hand(TriggerKind):
    key, label, icon, form = "test_hand", "By hand", "hand-finger", HandForm


KINDS = (Pause(), Do(), Choice(), Stop())
HAND = Hand()
