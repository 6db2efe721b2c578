"""The forms of the editor itself: a new journey, its name, and who comes in, goes out and reaches the goal."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.models import Segment
from journeys.graph.graph import Rules
from journeys.steps.kind import StepForm
from journeys.steps.rule_field import RuleField

AGAIN = {"never": _("Never a second time"), "after": _("Again after some days"), "always": _("Every time")}


class NameForm(forms.Form):
    """What a journey is called."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("What it is for"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class RulesForm(StepForm):
    """The settings of a whole journey; `stored()` is the JSON of graph.Rules."""

    entry = RuleField(label=_("Only people who"), required=False, help_text=_("Nobody else comes in."))
    again = forms.ChoiceField(label=_("How often one person may come in"), choices=list(AGAIN.items()), initial="never")
    again_days = forms.IntegerField(
        label=_("Days until somebody may come in again"), min_value=0, max_value=3_650, required=False
    )
    goal = RuleField(label=_("The goal is reached by people who"), required=False)
    goal_days = forms.IntegerField(
        label=_("Days in which it counts"), min_value=1, max_value=3_650, initial=14, required=False
    )
    goal_ends = forms.BooleanField(label=_("The journey ends when the goal is reached"), required=False, initial=True)
    exit = RuleField(label=_("The journey ends for people who"), required=False)
    left_segment = forms.ModelChoiceField(
        label=_("It ends for people who leave this segment"),
        queryset=Segment.objects.none(),
        required=False,
        empty_label=_("No segment"),
    )
    unsubscribed = forms.BooleanField(label=_("It ends for people who refuse marketing"), required=False, initial=True)
    hold_out = forms.IntegerField(
        label=_("Percent of people who get nothing, to compare"),
        help_text=_("They are chosen by chance and only watched: so you see what the journey brings."),
        min_value=0,
        max_value=90,
        initial=0,
        required=False,
    )

    shown_when = {"again_days": ("again", ("after",))}

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["left_segment"].queryset = Segment.objects.audiences().order_by("name")  # type: ignore[attr-defined]

    def json_of(self, name: str, value: Any) -> Any:
        """Return one value as graph.Rules keeps it: numbers that were left empty are its own."""
        if value is None and name in ("again_days", "goal_days", "hold_out"):
            return getattr(Rules(), name)
        return super().json_of(name, value)
