"""Move people to a lifecycle stage, as a rule would: with time and cause."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from contacts.stages.models import Stage
from journeys.engine.batch import Batch
from journeys.errors import StepBroken
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.present import present
from journeys.steps.row_choice import RowChoice
from journeys.steps.telling import people, told

_MOVE = """
WITH held AS (
    SELECT c.id, s.id AS from_id, s.key AS from_key FROM contacts_contact c
    LEFT JOIN contacts_stage s ON s.id = c.stage_id
    WHERE c.id IN ({people}) AND c.stage_id IS DISTINCT FROM %s
      AND (NOT %s OR s.id IS NULL OR s.model_id <> %s OR s.position < %s)
    ORDER BY c.id FOR NO KEY UPDATE OF c
),
done AS (
    UPDATE contacts_contact c SET stage_id = %s, stage_since = %s, stage_by_hand = false, updated_at = %s,
        version = c.version + 1
    FROM held h WHERE c.id = h.id RETURNING c.id AS contact_id, h.from_id, h.from_key
)
"""
_FROM = "jsonb_build_object('from', d.from_key, 'from_id', d.from_id)"


class SetStageForm(StepForm):
    stage = RowChoice(Stage.objects.filter(model__in_use=True).order_by("position"), label=_("Stage"))
    forward = forms.BooleanField(
        label=_("Never move anybody back"),
        required=False,
        initial=True,
        help_text=_("Who is at a later stage already stays there."),
    )


class SetStageStep(StepKind):
    key = "set_stage"
    label = _("Change the stage")
    icon = "stairs-up"
    shelf = Shelf.PERSON
    form = SetStageForm

    def act(self, batch: Batch) -> None:
        """Move those who stand elsewhere. Raises StepBroken when the stage is gone or its model no longer in use."""
        stage = present(batch.cleaned["stage"])
        if not stage.model.in_use:
            raise StepBroken(gettext("The stage “%(name)s” is of a model that is not in use.") % {"name": stage})
        now = batch.now
        params = (stage.pk, batch.cleaned["forward"], stage.model_id, stage.position, stage.pk, now, now)
        facts = {"to": stage.key, "to_id": stage.pk, "name": stage.name, "name_ko": stage.name_ko, "cause": "journey"}
        event = told(batch, "stage.entered", ("stage", str(stage.pk)), facts, own=_FROM)
        move = compose("{move} {event}", move=Sql(_MOVE.format(people=people(batch)), params), event=event)
        batch.cursor.execute(move.text, move.params)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Move to the stage “%(name)s”"), name=cleaned["stage"].label)


SET_STAGE = SetStageStep()
