"""Editing score rules and the model's thresholds. Conditions are rows of property, operator, value."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.ledger.comparisons import OPERATORS, BadCondition
from contacts.ledger.conditions import parse
from contacts.ledger.kinds import KINDS
from contacts.scoring.given import KIND, LONGEST_REASON, MOST
from contacts.scoring.models import ScoreModel, ScoreRule
from crm.kit.locking import Lockable

ROWS = 4


class RuleForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]
    """One rule with its conditions."""

    kind = forms.ChoiceField(label=_("When this happens"))

    class Meta:
        model = ScoreRule
        fields = ["name", "kind", "points", "cap_times", "cap_period", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted(
            (str(kind.label), kind.key) for kind in KINDS if kind.key != KIND and (kind.timeline or kind.activity)
        )
        cast_kind = self.fields["kind"]
        if isinstance(cast_kind, forms.ChoiceField):
            cast_kind.choices = [(key, label) for label, key in choices]
        self.fields["name"].help_text = _("As the rep reads it, for example: Viewed pricing.")
        self.fields["cap_times"].help_text = _("Empty: every time counts.")
        _round(self, "points")
        self._add_rows(self.instance.conditions or [])

    @classmethod
    def of(cls, rule: ScoreRule | None) -> Self:
        """Return the form of a stored rule, or an empty one."""
        return cls(instance=rule).opened(rule.version) if rule else cls()

    def _add_rows(self, stored: list[dict[str, str]]) -> None:
        """Add the fields of the condition rows, filled with what is stored."""
        blank = {"property": "", "operator": "is", "value": ""}
        for row in range(ROWS):
            condition = stored[row] if row < len(stored) else blank
            self.fields[f"property_{row}"] = forms.CharField(
                label=_("Property"), required=False, max_length=200, initial=condition["property"]
            )
            self.fields[f"operator_{row}"] = forms.ChoiceField(
                label=_("Comparison"),
                required=False,
                initial=condition["operator"],
                choices=[(one.key, one.label) for one in OPERATORS.values() if not one.listed],
            )
            self.fields[f"value_{row}"] = forms.CharField(
                label=_("Value to compare"), required=False, max_length=200, initial=condition["value"]
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, ...]]:
        """The condition rows, for the page."""
        return [tuple(self[f"{part}_{row}"] for part in ("property", "operator", "value")) for row in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        """Put the condition rows together; a row without a property is left out."""
        data = super().clean() or {}
        rows = []
        for row in range(ROWS):
            condition = {part: data.get(f"{part}_{row}") or "" for part in ("property", "operator", "value")}
            if not condition["property"]:
                if condition["value"]:
                    self.add_error(f"property_{row}", _("Name the property that is compared."))
                continue
            try:
                rows += [parsed.stored() for parsed in parse([condition])]
            except BadCondition as error:
                self.add_error(f"value_{row}", str(error))
        data["conditions"] = rows
        if data.get("points") == 0:
            self.add_error("points", _("A rule with 0 points does nothing."))
        if data.get("cap_times") == 0:
            self.add_error("cap_times", _("Write 1 or more, or leave it empty."))
        return data


def _round(form: forms.ModelForm, *names: str) -> None:  # type: ignore[type-arg]
    """Show whole numbers of these fields without a decimal point."""
    for name in names:
        value = form.initial.get(name)
        if isinstance(value, float) and value.is_integer():
            form.initial[name] = int(value)


class ModelForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]
    """The half-life, where warm and hot begin, and what makes the score of an account."""

    class Meta:
        model = ScoreModel
        fields = ["half_life", "warm_at", "hot_at", "account_by"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _round(self, "half_life", "warm_at", "hot_at")

    @classmethod
    def of(cls, model: ScoreModel) -> Self:
        """Return the form of a stored model."""
        return cls(instance=model).opened(model.version)

    def clean(self) -> dict[str, Any]:
        """Refuse thresholds out of order."""
        data = super().clean() or {}
        warm, hot = data.get("warm_at"), data.get("hot_at")
        if warm is not None and warm <= 0:
            self.add_error("warm_at", _("Warm begins above 0 points."))
        if warm is not None and hot is not None and hot <= warm:
            self.add_error("hot_at", _("Hot must begin above warm."))
        return data


class GiveForm(forms.Form):
    """Points that a person is given by hand, and why; the token makes a repeated post harmless."""

    points = forms.IntegerField(
        label=_("Points"), min_value=-MOST, max_value=MOST, help_text=_("Below zero takes points away.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def clean_points(self) -> int:
        """Refuse zero."""
        points: int = self.cleaned_data["points"]
        if not points:
            raise forms.ValidationError(gettext("0 points change nothing."))
        return points
