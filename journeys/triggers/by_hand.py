"""Way in: a person puts people in, one or many."""

from django.utils.translation import gettext_lazy as _

from journeys.triggers.kind import TriggerForm, TriggerKind


class ByHandForm(TriggerForm):
    intro = _("Nobody comes in unasked: you choose whom to put in. There is nothing to set.")


class ByHand(TriggerKind):
    key = "by_hand"
    label = _("Put in by hand")
    icon = "hand-finger"
    form = ByHandForm


BY_HAND = ByHand()
