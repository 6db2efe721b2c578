"""An erasure is a job with a certificate. It names nobody: only the numbers of the records that are gone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class Reason(models.TextChoices):
    """Why people are erased."""

    REQUEST = "request", _("They asked for it")
    PURPOSE_OVER = "purpose", _("The purpose is over or the consent was withdrawn")
    KEPT_LONG = "retention", _("Our time of keeping is over")
    MISTAKE = "mistake", _("Entered by mistake, or a test")


class Erasure(WorkRow):
    """One request to erase people, and its certificate once it is done. Never changed after that, never deleted."""

    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    proof = models.CharField(_("proof"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    requested_at = models.DateTimeField(_("asked for"))
    added_at = models.DateTimeField(null=True, blank=True, help_text="When the last people of it were named.")
    finished_at = models.DateTimeField(_("done"), null=True, blank=True)
    people = models.IntegerField(_("people"), default=0)
    records = models.IntegerField(default=0, help_text="Their records, with those that were merged into them.")
    erased = models.IntegerField(default=0, help_text="Records done so far.")
    counts = models.JSONField(default=dict, help_text="How many rows of each kind are gone, by the key of its handler.")

    max_attempts: ClassVar[int] = 1_000  # the law gives no up; what failed is tried again with growing pauses
    keeps_messages = False

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="erasure_due")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number of the certificate: E-000123."""
        return f"E-{self.pk:06d}"

    @property
    def percent(self) -> int:
        """Return the progress, 0..100."""
        return 100 if self.finished_at else min(99, 100 * self.erased // max(1, self.records))


class ErasedPerson(models.Model):
    """A record that is to be erased, or is: its number alone, by which what comes late is found and erased too."""

    contact_id = models.BigIntegerField(primary_key=True)
    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, db_index=False, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("erased record")
        verbose_name_plural = _("erased records")
        indexes = [
            models.Index(fields=["erasure", "contact_id"], condition=models.Q(done_at=None), name="erased_person_open")
        ]

    def __str__(self) -> str:
        return str(self.contact_id)
