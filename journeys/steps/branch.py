"""Branch: the first way whose rule holds for the person, else the last."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose, joined
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.rows_field import RowForm, RowsField
from journeys.steps.rule_field import RuleField

ELSE = Outlet("else", _("everybody else"))
_OUTCOME = """
SELECT b.id, CASE {ways} ELSE 'else' END, NULL::timestamptz, NULL::jsonb
FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
"""


class WayForm(RowForm):
    label = forms.CharField(label=_("Name"), max_length=60)
    rule = RuleField(label=_("Who goes this way"))


class BranchForm(StepForm):
    ways = RowsField(WayForm, prefix="w", label=_("Ways"), help_text=_("Each person takes the first way that fits."))


class BranchStep(StepKind):
    key = "branch"
    label = _("Branch")
    icon = "git-branch"
    shelf = Shelf.WAY
    form = BranchForm
    judges = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return one way for each rule, and the way of all others."""
        return [*(Outlet(way["key"], way["label"]) for way in cleaned.get("ways") or ()), ELSE]

    def segments(self, cleaned: Cleaned) -> frozenset[int]:
        """Return the segments that the rules read."""
        return frozenset().union(*(way["rule"].segments() for way in cleaned["ways"]))

    def outcome(self, batch: Batch) -> Sql:
        """Return the first way that fits each."""
        ways = [
            compose("WHEN {test} THEN %s", way["key"], test=way["rule"].test(batch.moment))
            for way in batch.cleaned["ways"]
        ]
        return compose(_OUTCOME, ways=joined(" ", ways), rows=Sql(batch.rows))

    def said(self, cleaned: Cleaned) -> str:
        """Return the rule of a single way, else the names of all."""
        ways = cleaned["ways"]
        if len(ways) == 1:
            return filled(gettext("If %(rule)s"), rule=ways[0]["rule"].sentence())
        pattern = ngettext("%(n)d way: %(names)s", "%(n)d ways: %(names)s", len(ways))
        return pattern % {"n": len(ways), "names": ", ".join(way["label"] for way in ways)}


BRANCH = BranchStep()
