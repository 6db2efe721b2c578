"""Calls that left a journey's step: written with the step, made by a worker, with what became of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class Call(WorkRow):
    """One webhook call of one visit of a step. `body` is emptied when it is over: it holds personal data."""

    enrolment_id = models.BigIntegerField()
    visit = models.IntegerField()
    contact_id = models.BigIntegerField()
    url = models.CharField(max_length=2_000)
    body = models.JSONField(null=True)
    made_at = models.DateTimeField()
    status = models.IntegerField(null=True, help_text="Of the last answer.")

    class Meta:
        verbose_name = _("webhook call")
        verbose_name_plural = _("webhook calls")
        constraints = [models.UniqueConstraint(fields=["enrolment_id", "visit"], name="call_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="call_due"),
            models.Index(fields=["made_at"], name="call_made"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"
