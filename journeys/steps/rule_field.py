"""A rule of segments as a field of a step's or trigger's form: stored as its definition, cleaned to a Rule."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contacts.segments.errors import BadRule
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import Rule


class RuleField(forms.CharField):
    """The definition as JSON text or values; `cleaned` is the Rule, or None. The panel opens the builder on it."""

    def __init__(self, **options: Any) -> None:
        attrs = {"data-rule": "", "spellcheck": "false", "rows": 6, "class": "form-control"}
        super().__init__(strip=False, widget=forms.Textarea(attrs=attrs), **options)

    def to_python(self, value: Any) -> Rule | None:  # type: ignore[override]  # a rule, not a text
        """Return the rule. Raises ValidationError with each problem, its place in words first."""
        if value in (None, "") or _is_blank(value):
            return None
        try:
            return value if isinstance(value, Rule) else parse(value)
        except BadRule as error:
            raise ValidationError([str(problem) for problem in error.problems], code="rule") from error

    def prepare_value(self, value: Any) -> Any:
        """Return the text that stands in the textarea."""
        definition = value.stored() if isinstance(value, Rule) else value
        return definition if isinstance(definition, str | None) else json.dumps(definition, ensure_ascii=False)


def _is_blank(value: Any) -> bool:
    """Tell whether it is a rule without any condition, as the builder begins with."""
    try:
        definition = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return False
    return bool(isinstance(definition, dict) and definition.get("rule") == {"all": []})
