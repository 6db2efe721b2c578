"""Files that people took out: the job that writes one, and where it lies for some days."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow, WorkState
from crm.team.models import Role, User

KEPT_DAYS = 7


class Format(models.TextChoices):
    """What a file is written as."""

    CSV = "csv", _("CSV, for every program")
    XLSX = "xlsx", _("Excel workbook")


class ExportQuerySet(models.QuerySet["Export"]):
    """Reusable conditions on exports."""

    def visible_to(self, user: User) -> Self:
        """Keep what `user` may look at and download: what she had written herself; an admin all."""
        return self if user.role == Role.ADMIN else self.filter(by=user)


class Export(WorkRow):
    """One file: of what, who is meant, which columns, for what; and the file once it is written."""

    ended_column = "finished_at"

    kind = models.CharField(max_length=20)
    format = models.CharField(max_length=4, choices=Format, default=Format.CSV)
    columns = ArrayField(models.CharField(max_length=60))
    query = models.TextField(blank=True, help_text="The query string of the list; says who when nobody is ticked.")
    ticked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True, help_text="When who asked for it first had the file.")
    total = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    file = models.FileField(upload_to="exports/%Y/%m/", blank=True, max_length=200)
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0, help_text="Bytes.")
    kept_until = models.DateTimeField()

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="export_newest"),
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=[WorkState.READY, WorkState.LEASED]), name="export_due"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        """Tell whether a machine works on it, or will."""
        return self.state in (WorkState.READY, WorkState.LEASED)
