"""The end, drawn as a card. An outlet without a link ends a journey just as well."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind


class EndForm(StepForm):
    intro = _("Everybody who comes here is through with the journey. There is nothing to set.")


class EndStep(StepKind):
    key = "end"
    label = pgettext_lazy("step", "End")
    icon = "flag-check"
    shelf = Shelf.OTHER
    form = EndForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return no way on."""
        del cleaned
        return ()

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        del cleaned
        return str(_("The journey ends here"))


END = EndStep()
