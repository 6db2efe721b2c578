"""The frequency cap as a marketer fills it in: both numbers, or neither."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.sending.models import FrequencyCap
from crm.kit.locking import Lockable

_LONGEST = 365  # days


class CapForm(Lockable):
    """At most so many marketing mails in so many days; both empty: any number."""

    sends = forms.IntegerField(label=_("At most so many marketing mails"), min_value=1, max_value=1000, required=False)
    days = forms.IntegerField(
        label=_("in so many days"),
        min_value=1,
        max_value=_LONGEST,
        required=False,
        help_text=_("Counted for each person over all campaigns. Leave both empty for no limit."),
    )

    @classmethod
    def of(cls, held: FrequencyCap | None) -> Self:
        """Return the form of the cap in force, or of none."""
        return cls(initial={"sends": held.sends, "days": held.days} if held else None).opened(
            held.version if held else 0
        )

    def clean(self) -> dict[str, Any]:
        """Refuse half a limit."""
        data = super().clean() or {}
        for name, other in (("sends", "days"), ("days", "sends")):
            if not self.errors and data.get(other) and not data.get(name):
                self.add_error(name, _("Fill in both numbers, or leave both empty."))
        return data
