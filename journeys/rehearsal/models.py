"""Rehearsals that were asked for: the draft as it was then, how far it is, and what it found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class Rehearsal(WorkRow):
    """One run of a draft over the last `days`. `result` is what result.Found stores, None until it is done."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="rehearsals")
    graph = models.JSONField(help_text="Read by journeys.graph.parsing alone.")
    days = models.PositiveIntegerField(_("days"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    share = models.FloatField(default=0, help_text="How much is done, 0 to 1.")
    result = models.JSONField(null=True)

    max_attempts = 3

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="rehearsal_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.journey_id}, {self.days} d"
