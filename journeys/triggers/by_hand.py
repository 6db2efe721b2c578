"""Way in: a person puts people in, one or many."""

from django.utils.translation import gettext_lazy as _

from journeys.triggers.kind import TriggerKind


class ByHand(TriggerKind):
    key = "by_hand"
    label = _("Put in by hand")
    icon = "hand-finger"


BY_HAND = ByHand()
