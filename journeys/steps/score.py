"""Give points in a score, or take them, with the reason that a rep reads beside the person."""

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.scoring import given
from contacts.scoring.heat import default_model
from contacts.scoring.models import CapPeriod, ScoreModel
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.present import present
from journeys.steps.row_choice import RowChoice

# One event a row, not one a person: who is in twice (two orders) passes twice.
_GIVE = f"""
{INSERT}
SELECT b.contact_id, %s::smallint, %s::bigint, %s::timestamptz, %s::timestamptz, %s::numeric, %s::jsonb, b.cause,
       CASE WHEN b.cause IS NULL THEN 0 ELSE 1 END
FROM {{rows}} b JOIN contacts_contact c ON c.id = b.contact_id AND c.merged_into_id IS NULL
ORDER BY b.contact_id, b.id
"""  # noqa: S608 - a constant


class ScoreForm(StepForm):
    points = forms.DecimalField(
        label=_("Points"),
        min_value=-given.MOST,
        max_value=given.MOST,
        max_digits=6,
        decimal_places=2,
        initial=10,
        help_text=_("Below zero takes points away."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=given.LONGEST_REASON,
        help_text=_("As the rep reads it beside the person, for example: Came to the fair."),
    )
    once = forms.ChoiceField(
        label=_("How often this reason counts"), required=False, choices=[("", _("every time")), *(
            (CapPeriod.DAY, _("once a day")), (CapPeriod.WEEK, _("once a week")),
            (CapPeriod.MONTH, _("once a month")), (CapPeriod.EVER, _("once in all")),
        )],
    )  # fmt: skip
    model = RowChoice(
        ScoreModel.objects.order_by("pk"), label=_("Score model"), required=False, help_text=_("Empty: the first one.")
    )

    def clean_points(self) -> Decimal:
        """Refuse zero."""
        points: Decimal = self.cleaned_data["points"]
        if not points:
            raise forms.ValidationError(gettext("0 points change nothing."))
        return points

    def json_of(self, name: str, value: Any) -> Any:
        """Return points as a number."""
        return float(value) if name == "points" else super().json_of(name, value)


class ScoreStep(StepKind):
    key = "score"
    label = _("Give points")
    icon = "star"
    shelf = Shelf.PERSON
    form = ScoreForm

    def act(self, batch: Batch) -> None:
        """Tell the points of everybody; the scores follow. Raises StepBroken when the model is gone."""
        chosen = batch.cleaned["model"]
        about = (given.SUBJECT, str((present(chosen) if chosen else default_model()).pk))
        kind, subject = kind_ids([given.KIND])[given.KIND], subject_ids([about])[about]
        facts = {"reason": batch.cleaned["reason"], "journey": batch.place.journey_id}
        if once := batch.cleaned["once"]:
            facts["once"] = str(once)
        told = json.dumps(facts, ensure_ascii=False)
        params = [kind, subject, batch.now, batch.now, batch.cleaned["points"], told]
        batch.cursor.execute(_GIVE.format(rows=batch.rows), params)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        points = cleaned["points"]
        said = gettext("Give %(points)s points: %(reason)s")
        if points < 0:
            said = gettext("Take %(points)s points: %(reason)s")
        return filled(said, points=f"{abs(points).normalize():f}", reason=cleaned["reason"])


SCORE = ScoreStep()
