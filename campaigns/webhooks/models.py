"""Raw posts of mail providers, kept until they are folded into the ledger."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class WebhookReceipt(WorkRow):
    """One post of a provider, its signature checked, otherwise as it came. The same body twice is one row."""

    provider = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    content_type = models.CharField(max_length=200)
    body = models.BinaryField()
    received_at = models.DateTimeField()

    max_attempts: ClassVar[int] = 30  # with growing pauses about a day

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state="ready"), name="webhook_due")]

    def __str__(self) -> str:
        return f"{self.provider} {self.pk}"
