"""The form of the limits of activity."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.habits.models import ActivityLimits

NAMES = ("new_days", "at_risk_days", "inactive_days", "lost_days")


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Four numbers of days, the later ones larger; the version they were read at stands in a hidden field."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ActivityLimits
        fields = list(NAMES)

    def clean(self) -> dict[str, Any]:
        """Refuse limits out of order."""
        data = super().clean() or {}
        for earlier, later in (("at_risk_days", "inactive_days"), ("inactive_days", "lost_days")):
            if data.get(earlier) and data.get(later) and data[earlier] >= data[later]:
                self.add_error(later, _("This must be more days than the one before."))
        return data
