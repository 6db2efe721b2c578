"""People on their way: who is to come in, who is inside and where, the trace of every step. See docs/journeys.md."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class End(models.TextChoices):
    """Why somebody is no longer inside."""

    COMPLETED = "completed", _("came to the end")
    GOAL = "goal", _("reached the goal")
    LEFT_SEGMENT = "left_segment", _("left the segment")
    UNSUBSCRIBED = "unsubscribed", _("refused marketing")
    EXIT = "exit", _("met the exit condition")
    HELD_OUT = "held_out", _("held out to compare")
    REMOVED = "removed", _("taken out by hand")
    MOVED = "moved", _("left out of a new version")
    ARCHIVED = "archived", _("the journey was archived")
    MERGED = "merged", _("is inside as another record")
    ERASED = "erased", _("was deleted")


class Refused(models.TextChoices):
    """Why somebody who was to come in did not."""

    INSIDE = "inside", _("is inside already")
    AGAIN = "again", _("was inside before")
    ENTRY = "entry", _("does not meet the entry condition")
    CLOSED = "closed", _("the journey takes nobody in")
    GONE = "gone", _("was deleted")


class StartRequest(models.Model):
    """Somebody is to come in: written by triggers and by hand, taken by engine.admission. `at` is when it was due."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, db_index=False, related_name="+")
    contact_id = models.BigIntegerField()
    key = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    cause = models.BigIntegerField(null=True, help_text="The event that brought the person in.")
    facts = models.JSONField(null=True, help_text="What mails may show of the event: an order's number, a cart.")

    class Meta:
        verbose_name = _("request to come in")
        verbose_name_plural = _("requests to come in")
        indexes = [models.Index(fields=["journey", "id"], name="start_request_of_journey")]

    def __str__(self) -> str:
        return f"{self.contact_id} into {self.journey_id}"


class ExistingStart(models.Model):
    """Those who fit a trigger already are to come in: asked for in ranges of contacts, `after` is the last so far."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="+")
    trigger = models.CharField(max_length=40)
    after = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("start of those who fit already")
        verbose_name_plural = _("starts of those who fit already")

    def __str__(self) -> str:
        return f"{self.journey_id}, {self.trigger}"


class Enrolment(models.Model):
    """One person on her way: at `step`, looked at again at `due_at` (null: when an event wakes her).

    No foreign keys in the database: each costs more than a move. `visit` counts the steps taken; each has one Trace.
    """

    journey = models.ForeignKey(
        "journeys.Journey", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="enrolments"
    )
    contact_id = models.BigIntegerField()
    key = models.CharField(max_length=120, blank=True)
    step = models.ForeignKey(
        "journeys.JourneyStep", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    visit = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    looked = models.BooleanField(default=False, db_default=False, help_text="The step looked at her on this visit.")
    entered_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, choices=End, blank=True)
    goal_at = models.DateTimeField(null=True, help_text="When the goal was met, within its days.")
    problem = models.TextField(blank=True, help_text="Set aside: why her step cannot be done for her.")
    cause = models.BigIntegerField(null=True)
    facts = models.JSONField(null=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["contact_id", "journey", "key"], condition=Q(ended_at=None), name="enrolment_inside_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="enrolment_ended_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "due_at"], condition=Q(ended_at=None), name="enrolment_due"),
            models.Index(fields=["contact_id", "journey", "entered_at"], name="enrolment_of_contact"),
            models.Index(fields=["journey", "entered_at"], name="enrolment_of_journey"),
            models.Index(fields=["journey", "goal_at"], condition=Q(goal_at__isnull=False), name="enrolment_converted"),
            models.Index(fields=["journey"], condition=Q(ended_at=None) & ~Q(problem=""), name="enrolment_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.journey_id}"


class Trace(models.Model):
    """One step that one person took: by which outlet, from when to when. The proof that none was taken twice."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="traces"
    )
    visit = models.IntegerField()
    contact_id = models.BigIntegerField()
    step = models.ForeignKey(
        "journeys.JourneyStep", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    outlet = models.CharField(max_length=40)
    arrived_at = models.DateTimeField()
    left_at = models.DateTimeField()
    facts = models.JSONField(null=True)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        constraints = [models.UniqueConstraint(fields=["enrolment", "visit"], name="trace_once")]
        indexes = [models.Index(fields=["step", "outlet", "left_at"], name="trace_of_outlet")]

    def __str__(self) -> str:
        return f"{self.enrolment_id}, {self.visit}"


class StepCount(models.Model):
    """How many left a step by an outlet in an hour (UTC): the numbers of the canvas, kept with every move."""

    step = models.ForeignKey("journeys.JourneyStep", on_delete=models.CASCADE, db_index=False, related_name="counts")
    outlet = models.CharField(max_length=40)
    hour = models.DateTimeField()
    n = models.BigIntegerField()

    class Meta:
        verbose_name = _("count of a step")
        verbose_name_plural = _("counts of steps")
        constraints = [models.UniqueConstraint(fields=["step", "outlet", "hour"], name="step_count_unique")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.outlet} {self.hour}: {self.n}"


class RefusalCount(models.Model):
    """How many were not let into a journey on a day (UTC), by reason."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, db_index=False, related_name="refusals")
    reason = models.CharField(max_length=8, choices=Refused)
    day = models.DateField()
    n = models.BigIntegerField()

    class Meta:
        verbose_name = _("count of refusals")
        verbose_name_plural = _("counts of refusals")
        constraints = [models.UniqueConstraint(fields=["journey", "reason", "day"], name="refusal_count_unique")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.reason} {self.day}: {self.n}"


class Touched(models.Model):
    """A person to whom something happened that somebody who waits, or an exit, may read: looked at by engine.waking."""

    contact_id = models.BigIntegerField()
    kind_id = models.SmallIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "journeys_touched"
        verbose_name = _("person to look at")
        verbose_name_plural = _("people to look at")

    def __str__(self) -> str:
        return str(self.contact_id)
