"""The forms of a stage's rule: how it competes with others, and each side's conditions as JSON."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.views.forms import EMPTY, RuleField, as_text
from contacts.stages.models import Stage, StageRule
from crm.kit.locking import Lockable


class RuleForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]  # not a generic at run time
    """What stands beside the conditions."""

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

    @classmethod
    def of(cls, rule: StageRule, stage: Stage) -> Self:
        """Return the form of a stored rule."""
        return cls(instance=rule, stage=stage).opened(rule.version)


class SideForm(Lockable):
    """One side's conditions; empty text means that there is no such rule."""

    definition = RuleField(required=False)

    @classmethod
    def of(cls, rule: StageRule, side: str) -> Self:
        """Return the form of one side of a stored rule."""
        definition = getattr(rule, side)
        return cls(initial={"definition": EMPTY if definition is None else as_text(definition)}).opened(rule.version)
