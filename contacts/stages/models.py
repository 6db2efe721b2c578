"""Lifecycle stages are data: a stage model has stages in order, and one model is in use."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class StageModel(models.Model):
    """A named set of stages: one of the presets, or the company's own."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_ko = models.CharField(_("name in Korean"), max_length=80, blank=True)
    in_use = models.BooleanField(_("in use"), default=False)
    # How far contacts/stages/following.py is: contacts above sweep_from are yet to be judged (null: no sweep runs).
    sweep_from = models.BigIntegerField(null=True, blank=True, editable=False)
    swept_at = models.DateTimeField(null=True, blank=True, editable=False)
    stays_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("stage model")
        verbose_name_plural = _("stage models")
        constraints = [
            models.UniqueConstraint(fields=["in_use"], condition=Q(in_use=True), name="one_stage_model_in_use")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_ko if get_language() == "ko" and self.name_ko else self.name


class Team(models.TextChoices):
    """Who answers for a stage."""

    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    CUSTOMER_SUCCESS = "customer_success", _("Customer success")


class Stage(models.Model):
    """Where a person stands."""

    model = models.ForeignKey(
        StageModel, on_delete=models.CASCADE, db_index=False, related_name="stages", verbose_name=_("model")
    )
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    name_ko = models.CharField(_("name in Korean"), max_length=80, blank=True)
    position = models.IntegerField(_("position"))
    team = models.CharField(_("responsible team"), max_length=20, choices=Team, default=Team.MARKETING)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["model", "position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="stage_key_unique"),
            models.UniqueConstraint(
                fields=["model", "position"], name="stage_position_unique", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_ko if get_language() == "ko" and self.name_ko else self.name


class StageRule(models.Model):
    """When people come into a stage by themselves, and when they are through with it.

    The definitions are rules of docs/segments.md. While the stage model is in use each has a segment of its own, which
    keeps who matches and since when.
    """

    stage = models.OneToOneField(Stage, on_delete=models.CASCADE, related_name="rule")
    entry = models.JSONField(_("people enter when"), null=True, blank=True)
    exit = models.JSONField(_("people are through when"), null=True, blank=True)
    exit_to = models.ForeignKey(
        Stage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("then they go to"),
        help_text=_("The next stage, when none is chosen."),
    )
    priority = models.IntegerField(
        _("priority"), default=0, help_text=_("Who fits several stages stands in the one of the highest priority.")
    )
    moves_back = models.BooleanField(
        _("people may come back"), default=False, help_text=_("Also people of later stages are moved here.")
    )
    minimum_days = models.PositiveIntegerField(
        _("shortest stay (days)"), default=0, help_text=_("No rule moves people on before.")
    )
    entry_segment = models.OneToOneField(
        "contacts.Segment", on_delete=models.SET_NULL, null=True, blank=True, related_name="enters"
    )
    exit_segment = models.OneToOneField(
        "contacts.Segment", on_delete=models.SET_NULL, null=True, blank=True, related_name="leaves"
    )
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("stage rule")
        verbose_name_plural = _("stage rules")

    def __str__(self) -> str:
        return str(self.stage)
