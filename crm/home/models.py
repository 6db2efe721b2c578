"""What home keeps: the plan of each stage, the numbers of the lifecycle map, signs of life and alarms."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
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


class Heartbeat(models.Model):
    """The last sign of life of one process: a worker, the clock, or a follow process."""

    name = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=12)
    at = models.DateTimeField()
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """Where one alarm stands (crm.home.health.alarms): since when it was seen, when admins were told, what was said."""

    key = models.CharField(max_length=40, primary_key=True)
    bad_since = models.DateTimeField(null=True)
    good_since = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told = models.BooleanField(default=False, help_text="Whether admins were told of the present one.")

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")

    def __str__(self) -> str:
        return self.key


class StagePlan(models.Model):
    """What is meant to happen at a stage. Messages are kept by their numbers; those deleted since are not shown."""

    WRITTEN: ClassVar = (
        "roles", "first_touch", "experience", "moments", "technology", "templates", "campaigns", "journeys"
    )  # fmt: skip

    stage = models.OneToOneField("contacts.Stage", on_delete=models.CASCADE, related_name="plan")
    roles = ArrayField(models.CharField(max_length=40), verbose_name=_("active roles"), default=list)
    first_touch = models.CharField(_("first touch point"), max_length=300, blank=True)
    experience = models.TextField(_("expected experience"), blank=True)
    moments = models.TextField(_("moments that matter"), blank=True)
    technology = models.CharField(_("technology"), max_length=300, blank=True)
    templates = ArrayField(models.BigIntegerField(), verbose_name=_("mail templates"), default=list)
    campaigns = ArrayField(models.BigIntegerField(), verbose_name=_("campaigns"), default=list)
    journeys = ArrayField(models.BigIntegerField(), verbose_name=_("journeys"), default=list)
    version = models.IntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("plan of a stage")
        verbose_name_plural = _("plans of stages")

    def __str__(self) -> str:
        return str(self.stage)
