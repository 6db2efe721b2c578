"""Journeys and their published versions. The verbs: editing.py (draft), publishing.py (live)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class JourneyState(models.TextChoices):
    """Where a journey stands; the arrows are in docs/journeys.md."""

    DRAFT = "draft", _("draft")
    RUNNING = "running", _("running")
    FINISHING = "finishing", _("letting people finish")
    PAUSED = "paused", _("paused")
    ARCHIVED = "archived", _("archived")


class Journey(models.Model):
    """A journey: the draft that is edited, and the version that runs."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=9, choices=JourneyState, default=JourneyState.DRAFT)
    draft = models.JSONField(_("draft"), help_text="Read by journeys.graph.parsing alone.")
    version = models.IntegerField(default=1, help_text="Raised with every saved draft: guards against overwriting.")
    live = models.ForeignKey(
        "journeys.JourneyVersion", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    timed_to = models.DateTimeField(null=True, blank=True, help_text="Up to when triggers of time have been looked at.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta:
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="journey_name_unique"),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "finishing", "paused"]) | Q(live__isnull=False),
                name="journey_live_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class JourneyVersion(models.Model):
    """What was published: immutable. People keep theirs until they are moved by an explicit choice."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, db_index=False, related_name="versions")
    number = models.IntegerField(_("version"))
    graph = models.JSONField(_("drawing"), help_text="Read by journeys.graph.parsing alone.")
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    draft_version = models.IntegerField(
        null=True, help_text="The saved draft it was made from; null: an older version."
    )
    reads = ArrayField(models.BigIntegerField(), default=list, help_text="The segments that its steps and rules read.")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("version of a journey")
        verbose_name_plural = _("versions of journeys")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="journey_version_unique")]

    def __str__(self) -> str:
        return f"{self.journey_id}, {self.number}"


class JourneyStep(models.Model):
    """A step of a published version, by its key in the graph: what enrolments, traces and mails refer to.

    The same key in two versions is the same card: numbers on the canvas are summed over versions by key.
    """

    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, db_index=False, related_name="steps")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    dispatch = models.ForeignKey(
        "campaigns.Dispatch", on_delete=models.PROTECT, null=True, blank=True, related_name="journey_steps"
    )
    problem = models.TextField(blank=True, help_text="Why it cannot be run; people wait before it.")
    turns = models.BigIntegerField(default=0, help_text="How many people a step that assigns in turn has assigned.")
    winner = models.CharField(max_length=40, blank=True, help_text="The outlet that won an experiment.")
    judged_at = models.DateTimeField(null=True, blank=True, help_text="When an experiment was last looked at.")
    look_again_at = models.DateTimeField(null=True, blank=True, help_text="When a broken step is tried again.")

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="journey_step_unique")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.key}"


class StepMove(models.Model):
    """The people who were at a step when a version was published or the journey archived, and where they go.

    Taken in ranges by engine.moving, who deletes the row at its end; until then nobody runs at this step.
    """

    step = models.OneToOneField(JourneyStep, on_delete=models.CASCADE, primary_key=True, related_name="move")
    to = models.ForeignKey(JourneyStep, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    end = models.CharField(max_length=12, blank=True, help_text="Why they leave, where they go to no step.")
    at = models.DateTimeField(help_text="Whoever arrived later is left where she is.")

    class Meta:
        verbose_name = _("move of people")
        verbose_name_plural = _("moves of people")
        constraints = [
            models.CheckConstraint(
                condition=Q(to__isnull=False, end="") | (Q(to=None) & ~Q(end="")), name="step_move_goes_or_ends"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step_id} to {self.to_id or self.end}"
