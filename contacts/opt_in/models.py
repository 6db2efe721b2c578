"""One request to confirm a consent, and the work of mailing it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.consent.models import Purpose
from crm.kit.work import WorkRow


class OptIn(WorkRow):
    """What a person is asked to confirm by a mail; at most one a day goes to an address."""

    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="opt_ins")
    email_key = models.CharField(max_length=32)
    day = models.DateField(help_text=_("The day in the company's time zone."))
    purposes = ArrayField(models.CharField(max_length=12, choices=Purpose))
    wording = models.TextField(blank=True)
    wording_version = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    max_attempts = 6

    class Meta:
        verbose_name = _("request to confirm")
        verbose_name_plural = _("requests to confirm")
        constraints = [models.UniqueConstraint(fields=["email_key", "day"], name="opt_in_one_a_day")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="opt_in_open")
        ]

    def __str__(self) -> str:
        return f"opt-in {self.pk}"
