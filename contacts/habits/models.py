"""How active people are, by limits that the team sets, and where they stand among those who buy."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

_DAYS = [MinValueValidator(1), MaxValueValidator(3650)]


class Activity(models.TextChoices):
    """How active a person is, by when she last did something herself (where never: by when she was added)."""

    NEW = "new", _("new")
    ACTIVE = "active", _("active")
    AT_RISK = "at_risk", _("at risk")
    INACTIVE = "inactive", _("inactive")
    LOST = "lost", _("lost")


@dataclass(frozen=True)
class Limits:
    """After how long without a deed a person counts as what; and how long she is new."""

    new: timedelta
    at_risk: timedelta
    inactive: timedelta
    lost: timedelta


class ActivityLimits(models.Model):
    """The one row of limits, in days."""

    new_days = models.PositiveIntegerField(_("new for (days)"), default=14, validators=_DAYS)
    at_risk_days = models.PositiveIntegerField(_("at risk after (days)"), default=30, validators=_DAYS)
    inactive_days = models.PositiveIntegerField(_("inactive after (days)"), default=60, validators=_DAYS)
    lost_days = models.PositiveIntegerField(_("lost after (days)"), default=180, validators=_DAYS)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("activity limits")
        verbose_name_plural = _("activity limits")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="activity_limits_one_row"),
            models.CheckConstraint(
                condition=Q(new_days__gt=0, at_risk_days__gt=0)
                & Q(inactive_days__gt=F("at_risk_days"), lost_days__gt=F("inactive_days")),
                name="activity_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.new_days} {self.at_risk_days} {self.inactive_days} {self.lost_days}"

    @property
    def spans(self) -> Limits:
        """The limits as lengths of time: a day is 24 hours."""
        days = (self.new_days, self.at_risk_days, self.inactive_days, self.lost_days)
        return Limits(*(timedelta(days=n) for n in days))


class BuyerRank(models.Model):
    """In which fifth of all buyers a person is, 5 the best; for those who bought. Counted by buyers.rank."""

    contact = models.OneToOneField(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="buyer_rank"
    )
    recency = models.SmallIntegerField(_("recency"))
    frequency = models.SmallIntegerField(_("frequency"))
    monetary = models.SmallIntegerField(_("monetary value"))

    class Meta:
        verbose_name = _("rank of a buyer")
        verbose_name_plural = _("ranks of buyers")

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.recency} {self.frequency} {self.monetary}"


class BuyerCount(models.Model):
    """When buyers were last ranked, and how many there were."""

    at = models.DateTimeField()
    buyers = models.IntegerField()

    class Meta:
        verbose_name = _("count of buyers")
        verbose_name_plural = _("counts of buyers")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.buyers}"
