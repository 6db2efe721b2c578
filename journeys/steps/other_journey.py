"""Put people into another journey, or take them out of it."""

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.errors import StepBroken
from journeys.journey.models import Journey, JourneyState
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.present import present
from journeys.steps.row_choice import RowChoice

_REQUEST = """
INSERT INTO journeys_startrequest (journey_id, contact_id, key, at, cause, facts)
SELECT %s, b.contact_id, b.key, %s, max(b.cause), NULL FROM {rows} b GROUP BY b.contact_id, b.key ORDER BY 2, 3
"""


class What(models.TextChoices):
    """Which way."""

    ADD = "add", _("Put in")
    REMOVE = "remove", _("Take out")


class OtherJourneyForm(StepForm):
    what = forms.ChoiceField(label=_("What to do"), choices=What, initial=What.ADD, widget=forms.RadioSelect)
    journey = RowChoice(
        Journey.objects.exclude(state=JourneyState.ARCHIVED).order_by("name"),
        label=_("Journey"),
        help_text=_("Its own rules say who may come in, and how often."),
    )


class OtherJourneyStep(StepKind):
    key = "other_journey"
    label = _("Another journey")
    icon = "route"
    shelf = Shelf.OTHER
    form = OtherJourneyForm

    def act(self, batch: Batch) -> None:
        """Ask that they come in, or end their ways through it. Raises StepBroken when the journey was deleted."""
        journey = present(batch.cleaned["journey"])
        if batch.cleaned["what"] == What.ADD:
            batch.run(_REQUEST, journey.pk, batch.now)
            return
        if journey.pk == batch.place.journey_id:
            raise StepBroken(gettext("A journey is ended by the step “End”, not by taking people out of itself."))
        from journeys.engine.leaving import remove

        batch.run("SELECT DISTINCT contact_id FROM {rows} ORDER BY 1")
        remove(journey.pk, [contact for (contact,) in batch.cursor.fetchall()], now=batch.now)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        adding = cleaned["what"] == What.ADD
        pattern = gettext("Put into the journey “%(name)s”") if adding else gettext("Take out of “%(name)s”")
        return filled(pattern, name=cleaned["journey"].name)


OTHER_JOURNEY = OtherJourneyStep()
