"""What the runtime keeps: the removal of the demo data."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class DemoRemoval(WorkRow):
    """The job that takes the demo data out. `kept` are the demo's objects that stay: lists of kind, name and why."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    requested_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(_("done"), null=True, blank=True)
    total = models.IntegerField(default=0, help_text="People to be removed.")
    removed = models.IntegerField(default=0, help_text="People who are gone.")
    kept = models.JSONField(default=list)
    locked = models.IntegerField(default=0, help_text="Demo log-ins that were locked.")

    max_attempts: ClassVar[int] = 100

    class Meta:
        verbose_name = _("removal of the demo data")
        verbose_name_plural = _("removals of the demo data")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(state__in=["ready", "leased"]), name="demo_removal_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.requested_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done or being done."""
        return self.finished_at is None
