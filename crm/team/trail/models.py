"""The rows of the trail. Written by the trigger of watched tables (crm/team/sql/trail.sql) and by `record`."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Door(models.TextChoices):
    """Where somebody acted from."""

    PAGE = "page", _("a page")
    API = "api", _("the API")
    ADMIN = "admin", _("the set-up pages")
    JOB = "job", _("a job")
    SYSTEM = "system", _("the system")


class TrailEntry(models.Model):
    """One thing that somebody did to one object. Never updated; deleted by retention alone (a trigger refuses)."""

    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    door = models.CharField(max_length=10, choices=Door)
    place = models.CharField(max_length=80, blank=True)  # the page's name in the URL list
    network = models.CharField(max_length=50, blank=True)  # /24, or /64 of IPv6
    through = models.CharField(max_length=80, blank=True)  # the API token's name
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=40)
    part = models.CharField(max_length=40, blank=True)  # a row that belongs to the object, as a tag to a person
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "team_trail"
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail")
        indexes = [
            models.Index(fields=["kind", "object_id", "-id"], name="trail_of_object"),
            models.Index(fields=["by", "-id"], name="trail_of_user"),
            models.Index(fields=["at"], name="trail_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.verb}"
