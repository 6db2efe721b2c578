"""What home keeps: the numbers of the lifecycle map of large companies, counted in the background."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """The numbers about one set of people (crm.home.whose), and who asked for them last.

    They are due to be counted when nobody counted them since they were asked for.
    """

    key = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    counted_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0, help_text="How long the last count took.")

    class Meta:
        verbose_name = _("kept numbers of home")
        verbose_name_plural = _("kept numbers of home")

    def __str__(self) -> str:
        return self.key
