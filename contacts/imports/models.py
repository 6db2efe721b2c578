"""An import, and the rows it refused."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.imports import reasons
from crm.kit.work import WorkRow, WorkState


class Step(models.TextChoices):
    """How far an import is; machines work on CHECKING and RUNNING, people on the others."""

    UPLOADED = "uploaded", _("waiting for your choices")
    CHECKING = "checking", _("checking")
    CHECKED = "checked", _("waiting for your go")
    RUNNING = "running", _("importing")
    FINISHED = "finished", _("finished")
    UNDOING = "undoing", _("undoing")
    UNDONE = "undone", _("undone")


class Kind(models.TextChoices):
    """What the rows of a file are."""

    PEOPLE = "people", _("People")
    ACCOUNTS = "accounts", _("Companies")
    EXCLUDED = "excluded", _("Addresses not to be mailed")
    PRODUCTS = "products", _("Products")
    ORDERS = "orders", _("Orders")
    EVENTS = "events", _("Activity (pages, products, forms)")


WORKING_STEPS = [Step.CHECKING, Step.RUNNING, Step.UNDOING]


class ImportJob(WorkRow):
    """One file on its way into the contacts. Its work state is DONE whenever a person is to act (docs/imports.md)."""

    kind = models.CharField(_("what the rows are"), max_length=10, choices=Kind, default=Kind.PEOPLE)
    preset = models.CharField(_("tool"), max_length=20, blank=True, help_text="Key of contacts.imports.presets.")
    step = models.CharField(max_length=10, choices=Step, default=Step.UPLOADED)
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True, max_length=200)
    original = models.FileField(
        upload_to="imports/%Y/%m/", blank=True, max_length=200, help_text="The workbook that `file` was written from."
    )
    sheets = models.JSONField(default=list, help_text="Names of the sheets of a workbook.")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_size = models.BigIntegerField(default=0)
    encoding = models.CharField(_("encoding"), max_length=12)
    delimiter = models.CharField(_("separator"), max_length=1)
    newline = models.CharField(max_length=1, default="\n")
    has_header = models.BooleanField(default=True)
    header = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    refused_columns = models.JSONField(default=list, help_text="Places of columns with resident numbers.")
    data_offset = models.BigIntegerField(default=0, help_text="Byte at which the first row of data starts.")
    data_line = models.BigIntegerField(default=1, help_text="Line of the first row of data, from 1.")
    plan = models.JSONField(default=dict, help_text="Read by contacts.imports.plan alone.")
    time_zone = models.CharField(max_length=40, default="Asia/Seoul")
    staged_offset = models.BigIntegerField(default=0)
    staged_line = models.BigIntegerField(default=0)
    rows_read = models.BigIntegerField(default=0)
    rows_kept = models.BigIntegerField(default=0)
    merged_line = models.BigIntegerField(default=0)
    preview = models.JSONField(default=dict)
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    source = models.ForeignKey(
        "ImportSource", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    undone = models.JSONField(default=dict, help_text="What undoing did, as numbers.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=[WorkState.READY, WorkState.LEASED]), name="import_due"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[WorkState.READY, WorkState.LEASED]) | Q(step__in=WORKING_STEPS),
                name="import_works_only_in_its_steps",
            ),
            models.CheckConstraint(
                condition=Q(merged_line__lte=F("staged_line")) | Q(merged_line=0), name="import_merges_what_is_staged"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        """Tell whether a machine works on it, or will."""
        return self.state in (WorkState.READY, WorkState.LEASED)

    @property
    def rows_merged(self) -> int:
        """Return how many rows are in the contacts by now."""
        return self.rows_new + self.rows_changed + self.rows_unchanged

    @property
    def has_records(self) -> bool:
        """Tell whether the rows are something else than people."""
        return self.kind in (Kind.ACCOUNTS, Kind.PRODUCTS, Kind.ORDERS, Kind.EVENTS)

    @property
    def percent(self) -> int:
        """Return the progress of the running step, 0..100."""
        if self.step == Step.UNDOING:
            return min(100, int(100 * self.undone.get("ranges", 0) / max(1, self.undone.get("of", 1))))
        if self.step == Step.CHECKING:
            return min(100, int(100 * self.staged_offset / max(1, self.file_size)))
        if self.has_records:
            return min(100, int(100 * self.merged_line / max(1, self.staged_line)))
        return min(100, int(100 * self.rows_merged / max(1, self.rows_kept)))


class Every(models.TextChoices):
    """How often a file is fetched."""

    HOUR = "hour", _("every hour")
    DAY = "day", _("every day")
    WEEK = "week", _("every week")


class ImportSource(WorkRow):
    """An address from which a file is fetched and imported again and again, with the choices of an earlier import."""

    url = models.CharField(_("address"), max_length=2_000)
    header_name = models.CharField(_("name of a header"), max_length=80, blank=True)
    header_value = models.TextField(
        _("secret value of the header"), blank=True, help_text="Sealed: see contacts.imports.sources."
    )
    every = models.CharField(_("how often"), max_length=4, choices=Every, default=Every.DAY)
    kind = models.CharField(max_length=10, choices=Kind)
    plan = models.JSONField(default=dict)
    header = models.JSONField(default=list, help_text="The columns for which the choices were made.")
    tag = models.CharField(max_length=200, blank=True, help_text="ETag of what was fetched last.")
    failures = models.IntegerField(default=0, help_text="Failures in a row.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("import from an address")
        verbose_name_plural = _("imports from an address")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url

    @property
    def is_on(self) -> bool:
        """Tell whether it is fetched."""
        return self.state in (WorkState.READY, WorkState.LEASED)


class ImportRefusal(models.Model):
    """One row that was not imported, or (`whole_row` false) one cell of it that was left out or flagged."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, db_index=False, related_name="refusals")
    line = models.BigIntegerField()
    whole_row = models.BooleanField(default=True)
    code = models.CharField(max_length=24)
    column = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=120, blank=True)
    row = models.TextField(blank=True, help_text="The row as it was read, at most 2,000 characters.")

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        indexes = [models.Index(fields=["job", "line"], name="import_refusal_of_job")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def reason(self) -> str:
        """Return why, in the reader's language."""
        return reasons.sentence(self.code, self.column, self.value)


class ImportRange(models.Model):
    """What the merge of one range did, so that the import can be undone for some days; then it is deleted."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, db_index=False, related_name="ranges")
    upto = models.BigIntegerField(help_text="The last line of the range.")
    at = models.DateTimeField(help_text="When it was merged: all it wrote bears this time.")
    made = ArrayField(models.BigIntegerField(), help_text="People whom the range made.")
    known = ArrayField(models.BigIntegerField(), help_text="People it met.")
    before = models.JSONField(default=list, help_text="Of each changed person: id, and [before, after] by column.")
    joined = ArrayField(models.BigIntegerField(), default=list, help_text="Who was put on the list.")
    worn = models.JSONField(default=list, help_text="[tag, contact] of each tag given.")
    excluded = ArrayField(models.CharField(max_length=32), default=list, help_text="Mailboxes left out, by their keys.")
    records = models.JSONField(default=dict, help_text="Of orders, products, companies: a records.case.Trace.")

    class Meta:
        verbose_name = _("undo of an import")
        verbose_name_plural = _("undo of imports")
        constraints = [models.UniqueConstraint(fields=["job", "upto"], name="import_range_once")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.upto}"
