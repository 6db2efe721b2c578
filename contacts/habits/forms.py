"""The form of the limits of activity."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.habits.models import ActivityLimits
from crm.kit.locking import Lockable

NAMES = ("new_days", "at_risk_days", "inactive_days", "lost_days")


class LimitsForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]
    """Four numbers of days, the later ones larger."""

    class Meta:
        model = ActivityLimits
        fields = list(NAMES)

    @classmethod
    def of(cls, held: ActivityLimits) -> Self:
        """Return the form of the limits in force."""
        return cls(instance=held).opened(held.version)

    def clean(self) -> dict[str, Any]:
        """Refuse limits out of order."""
        data = super().clean() or {}
        for earlier, later in (("at_risk_days", "inactive_days"), ("inactive_days", "lost_days")):
            if data.get(earlier) and data.get(later) and data[earlier] >= data[later]:
                self.add_error(later, _("This must be more days than the one before."))
        return data
