"""The forms of a stage's rule: how it competes with others, and each side's conditions as JSON."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.views.forms import RuleField
from contacts.stages.models import Stage, StageRule


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic at run time
    """What stands beside the conditions. `version` is that of the rule when the form was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = StageRule
        fields = ["exit_to", "priority", "moves_back", "minimum_days"]

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exit_to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Stage.objects.filter(model=stage.model_id).exclude(pk=stage.pk).order_by("position")
        field.empty_label = str(_("the next stage"))
        field.required = False


class SideForm(forms.Form):
    """One side's conditions; empty text means that there is no such rule."""

    definition = RuleField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
