"""Notices of consent: one work row each, and the one row that says whether and how they are sent."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class NoticeKind(models.TextChoices):
    """What a notice says."""

    RESULT = "result", _("result of a consent or refusal")
    REMINDER = "reminder", _("reminder of a consent")


class ConsentNotice(WorkRow):
    """One notice to one person about one statement; never deleted, so that nothing is told twice.

    `round` is 0 for a result, and the number of the two-year period that ends for a reminder.
    """

    kind = models.CharField(max_length=8, choices=NoticeKind)
    round = models.SmallIntegerField(default=0)
    contact_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)

    max_attempts: ClassVar[int] = 1_000_000  # a missing sender is a person's to mend, however long it takes

    class Meta:
        verbose_name = _("notice of consent")
        verbose_name_plural = _("notices of consent")
        constraints = [models.UniqueConstraint(fields=["kind", "entry_id", "round"], name="consent_notice_once")]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="consent_notice_open"
            ),
            models.Index(fields=["contact_id"], name="consent_notice_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}:{self.round}"


class NoticeSettings(models.Model):
    """Whether notices are sent, from whom, and which mails. One row at most; without it none is sent."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    results = models.BooleanField(default=False)
    reminders = models.BooleanField(default=False)
    sender = models.ForeignKey("campaigns.Sender", on_delete=models.PROTECT, related_name="+")
    result_template = models.ForeignKey("campaigns.MailTemplate", on_delete=models.PROTECT, related_name="+")
    reminder_template = models.ForeignKey("campaigns.MailTemplate", on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("settings of notices")
        verbose_name_plural = _("settings of notices")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="notice_settings_single")]

    def __str__(self) -> str:
        return f"results {self.results}, reminders {self.reminders}"
