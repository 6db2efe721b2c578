"""What a rep last found out about a lead, so that the list knows whom to show now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    """What came of reaching out."""

    ANSWERED = "answered", _("Answered")
    NO_ANSWER = "no_answer", _("No answer")
    LATER = "later", _("Later")
    NOT_NOW = "not_now", pgettext_lazy("call", "Not now")


class FollowUp(models.Model):
    """The latest outcome for a person; `due_on` is the day to come back (only with "later")."""

    contact = models.OneToOneField(
        "contacts.Contact", on_delete=models.CASCADE, primary_key=True, related_name="follow_up"
    )
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    at = models.DateTimeField()
    due_on = models.DateField(_("come back on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome=Outcome.LATER, due_on__isnull=False)
                | (~models.Q(outcome=Outcome.LATER) & models.Q(due_on=None)),
                name="follow_up_later_has_a_day",
            )
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
