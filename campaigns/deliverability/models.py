"""What is remembered of bounces between mails."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SoftBounces(models.Model):
    """How many mails in a row came back softly from one person; the row goes when one arrives."""

    contact_id = models.BigIntegerField(primary_key=True)
    in_row = models.IntegerField()

    class Meta:
        verbose_name = _("soft bounces")
        verbose_name_plural = _("soft bounces")

    def __str__(self) -> str:
        return f"{self.in_row} of {self.contact_id}"
