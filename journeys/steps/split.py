"""Split at random, by weights. The side is a hash of person and step: the same however often it is asked."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose, joined
from crm.kit import figures
from journeys.engine.batch import Batch, Place
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.rows_field import RowForm, RowsField

HELD_OUT = Outlet("hold_out", _("held out to compare"), quiet=True)
_OUTCOME = """
SELECT b.id, CASE {ways} END, NULL::timestamptz, NULL::jsonb
FROM (SELECT id, hashint8extended(contact_id, %s) & 9223372036854775807 AS h FROM {rows}) AS b
"""


class PartForm(RowForm):
    label = forms.CharField(label=_("Name"), max_length=60)
    weight = forms.IntegerField(label=_("Share"), min_value=1, max_value=1_000, initial=1)


class SplitForm(StepForm):
    parts = RowsField(
        PartForm, prefix="p", least=2, label=_("Parts"), help_text=_("Shares are relative: 1 and 3 are 25% and 75%.")
    )
    hold_out = forms.IntegerField(
        label=_("Hold out (percent)"),
        min_value=0,
        max_value=90,
        initial=0,
        required=False,
        help_text=_("So many leave by a way of their own, to compare with."),
    )


def salt_of(place: Place) -> int:
    """Return what makes a step's draw differ from that of other steps, and the same in all versions."""
    named = f"{place.journey_id}:{place.key}".encode()
    return int.from_bytes(hashlib.sha256(named).digest()[:8], signed=True)


class SplitStep(StepKind):
    key = "split"
    label = _("Random split")
    icon = "arrows-split-2"
    shelf = Shelf.WAY
    form = SplitForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return one way for each part."""
        parts = [Outlet(part["key"], part["label"]) for part in cleaned.get("parts") or ()]
        return (*parts, HELD_OUT) if cleaned.get("hold_out") else parts

    def outcome(self, batch: Batch) -> Sql:
        """Return the side on which each falls."""
        ways = joined(" ", [Sql("WHEN b.h %% %s < %s THEN %s", way) for way in _ways(batch)])
        return compose(_OUTCOME, salt_of(batch.place), ways=ways, rows=Sql(batch.rows))

    def said(self, cleaned: Cleaned) -> str:
        """Return the shares in words."""
        total = sum(part["weight"] for part in cleaned["parts"])
        shares = [f"{part['label']} {figures.percent(part['weight'] / total, 0)}" for part in cleaned["parts"]]
        return gettext("Split at random: %(shares)s") % {"shares": ", ".join(shares)}


def _ways(batch: Batch) -> list[tuple[int, int, str]]:
    """Return (all, upper end, outlet): first the part held out, then the parts in a hundredth of their weights."""
    parts, held = batch.cleaned["parts"], batch.cleaned["hold_out"] or 0
    weights = [held * sum(part["weight"] for part in parts), *(part["weight"] * (100 - held) for part in parts)]
    keys = [HELD_OUT.key, *(part["key"] for part in parts)]
    return [(sum(weights), end, key) for end, key in zip(accumulate(weights), keys, strict=True)]


SPLIT = SplitStep()
