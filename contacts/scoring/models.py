"""What earns points, and what each person earned. Entries and totals are derived: the ledger can rebuild them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.scoring.decay import SHORTEST_HALF_LIFE


class AccountScore(models.TextChoices):
    """What the scores of its people make of an account."""

    BEST = "best", _("the highest of its people")
    SUM = "sum", _("all its people together")


class ScoreModel(models.Model):
    """A way to score: one half-life for all its rules, and where warm and hot begin (points)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    half_life = models.FloatField(
        _("points count half after (days)"),
        default=14,
        validators=[MinValueValidator(SHORTEST_HALF_LIFE), MaxValueValidator(3650)],
    )
    anchor = models.DateTimeField(help_text=_("The zero of the decay; moved by itself."))
    warm_at = models.FloatField(_("warm from (points)"), default=20)
    hot_at = models.FloatField(_("hot from (points)"), default=60)
    account_by = models.CharField(
        _("score of an account"), max_length=4, choices=AccountScore, default=AccountScore.BEST
    )
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("score model")
        verbose_name_plural = _("score models")
        constraints = [
            models.CheckConstraint(condition=Q(half_life__gte=SHORTEST_HALF_LIFE), name="score_model_half_life_long"),
            models.CheckConstraint(
                condition=Q(warm_at__gt=0, hot_at__gt=F("warm_at")), name="score_model_hot_over_warm"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name; in the reader's language as long as it is the one that ships."""
        return gettext(self.name)


class CapPeriod(models.TextChoices):
    """Within what time a rule counts only so often; calendar periods in the company's time zone."""

    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    EVER = "ever", _("in all")


class ScoreRule(models.Model):
    """An event kind that earns points when all conditions on its properties hold."""

    model = models.ForeignKey(ScoreModel, on_delete=models.CASCADE, related_name="rules", verbose_name=_("model"))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("what happens"), max_length=60)
    conditions = models.JSONField(_("only when"), default=list, blank=True)
    points = models.FloatField(
        _("points"), validators=[MinValueValidator(-1000), MaxValueValidator(1000)], help_text=_("Below zero cools.")
    )
    cap_times = models.PositiveIntegerField(_("counts at most (times)"), null=True, blank=True)
    cap_period = models.CharField(_("within"), max_length=5, choices=CapPeriod, default=CapPeriod.DAY)
    active = models.BooleanField(_("in use"), default=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("score rule")
        verbose_name_plural = _("score rules")
        ordering = ["-points", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="score_rule_points_not_zero"),
            models.CheckConstraint(condition=Q(cap_times=None) | Q(cap_times__gt=0), name="score_rule_cap_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name; in the reader's language as long as it is the one that ships."""
        return gettext(self.name)


class ScoreEntry(models.Model):
    """Points that one event earned by one rule, or that were given with a reason (no rule: contacts/scoring/given.py).

    `bucket` is the first day of the cap's period, null without a cap.
    """

    model = models.ForeignKey(
        ScoreModel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    rule = models.ForeignKey(
        ScoreRule, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="entries"
    )
    reason = models.CharField(max_length=200, blank=True, db_default="")
    contact_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    points = models.FloatField()
    bucket = models.DateField(null=True)

    class Meta:
        verbose_name = _("score entry")
        verbose_name_plural = _("score entries")
        constraints = [
            models.UniqueConstraint(fields=["event_id", "rule"], name="score_entry_once_per_event"),
            models.UniqueConstraint(fields=["event_id"], condition=Q(rule=None), name="score_entry_given_once"),
        ]
        indexes = [
            models.Index(fields=["contact_id", "model", "-occurred_at"], name="score_entry_of_contact"),
            models.Index(
                fields=["rule", "contact_id", "bucket"], condition=~Q(bucket=None), name="score_entry_in_bucket"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+g}"

    @property
    def what(self) -> str:
        """What earned the points: the name of the rule, in the reader's language, or the reason as it was written."""
        return self.reason if self.rule is None else self.rule.label


class Score(models.Model):
    """The kept sum S of a person in a model (see decay.py)."""

    pk = models.CompositePrimaryKey("model_id", "contact_id")
    model = models.ForeignKey(
        ScoreModel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.DO_NOTHING, db_constraint=False, related_name="scores"
    )
    total = models.FloatField()
    last_at = models.DateTimeField(help_text=_("When points were last given."))
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        indexes = [models.Index(fields=["model", "-total", "contact"], name="score_by_heat")]

    def __str__(self) -> str:
        return f"{self.total:g}"
