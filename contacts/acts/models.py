"""Acts on many people: the job, and for each of them what she was before, so that it can be undone."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.acts.verb import VERBS
from contacts.people.selection import Selection
from crm.kit.work import WorkRow, WorkState
from crm.team.models import User
from crm.team.permissions import Action, Scope, scope

UNDO_DAYS = 7  # an act can be undone so long; then what people were before is forgotten


class ActStep(models.TextChoices):
    """What a worker does with an act next, or did last."""

    GATHERING = "gathering", _("Finding the people")
    DOING = "doing", _("Being done")
    UNDOING = "undoing", _("Being undone")


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    """Reusable conditions on acts."""

    def visible_to(self, user: User) -> Self:
        """Keep the acts `user` may look at: all, or (scope own) those of her own, or none."""
        reach = scope(user, Action.CONTACT_EDIT)
        if reach is Scope.NONE:
            return self.none()
        return self.filter(by=user) if reach is Scope.OWN else self


class BulkAct(WorkRow):
    """One act on everybody whom a filter found, or who was ticked, when it was asked for."""

    ended_column = "finished_at"

    verb = models.CharField(max_length=20)
    params = models.JSONField(default=dict, help_text="What was chosen: the tag, the owner, the value.")
    query = models.TextField(blank=True, help_text="The query string of the list; says who when nobody is ticked.")
    ticked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    segment = models.ForeignKey(
        "contacts.Segment", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="acts"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=10, choices=ActStep, default=ActStep.GATHERING)
    position = models.BigIntegerField(default=0, help_text="The last contact id that was looked at.")
    people = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    undone = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0, help_text="Left as they are when it was undone: they had changed since.")
    undo_until = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = BulkActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act on many people")
        verbose_name_plural = _("acts on many people")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="bulk_act_newest"),
            models.Index(fields=["segment", "-created_at"], condition=~Q(segment=None), name="bulk_act_of_segment"),
            models.Index(fields=["undo_until"], name="bulk_act_undo_until"),
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=[WorkState.READY, WorkState.LEASED]), name="bulk_act_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"

    @property
    def selection(self) -> Selection:
        """Whom the act is for."""
        return Selection(ids=tuple(self.ticked), query=self.query)

    @property
    def choice(self) -> str:
        """What was chosen, in words; "" once it was forgotten because it named a person who was erased."""
        return VERBS[self.verb].said(self.params) if self.params else ""

    @property
    def is_working(self) -> bool:
        """Tell whether a machine works on it, or will."""
        return self.state in (WorkState.READY, WorkState.LEASED)

    @property
    def is_undone(self) -> bool:
        """Tell whether it was undone, to the end."""
        return self.step == ActStep.UNDOING and self.state == WorkState.DONE

    @property
    def percent(self) -> int:
        """Return the progress of the present step, 0..100."""
        done, of = (self.undone + self.kept, self.changed) if self.step == ActStep.UNDOING else (self.seen, self.people)
        return 100 if self.state == WorkState.DONE else min(99, int(100 * done / max(1, of)))

    def may_be_undone(self, now: datetime) -> bool:
        """Tell whether anything of it can be put back at `now`."""
        ended = not self.is_working and not self.is_undone
        return ended and self.changed > self.undone + self.kept and now < self.undo_until


class BulkActRow(models.Model):
    """One person of an act; `before` is null unless she was changed, and again once she was put back."""

    pk = models.CompositePrimaryKey("act_id", "contact_id")
    act = models.ForeignKey(BulkAct, on_delete=models.CASCADE, db_index=False, related_name="rows")
    contact_id = models.BigIntegerField()
    at = models.DateTimeField(null=True, help_text="When she was changed.")
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("person of an act")
        verbose_name_plural = _("people of an act")
        indexes = [models.Index(fields=["contact_id"], name="bulk_act_row_of_contact")]

    def __str__(self) -> str:
        return f"{self.act_id}: {self.contact_id}"
