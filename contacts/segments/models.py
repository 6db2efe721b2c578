"""Segments, who is in them and since when, and the work of keeping that right (docs/segments.md)."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from contacts.ledger.position import LedgerPosition
from contacts.segments.naming import said
from crm.kit.work import WorkRow, WorkState


class SegmentState(models.TextChoices):
    """How far a segment's members can be believed; the arrows are in docs/segments.md."""

    BUILDING = "building", _("being counted")
    READY = "ready", _("up to date")
    BROKEN = "broken", _("broken")


class Purpose(models.TextChoices):
    """What a segment is for."""

    AUDIENCE = "", _("audience")
    STAGE = "stage", _("rule of a stage")


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Reusable conditions on segments."""

    def audiences(self) -> Self:
        """Keep the segments that people made; leave out those behind the rules of stages."""
        return self.filter(purpose=Purpose.AUDIENCE)


class Segment(models.Model):
    """A saved question about people. While it is broken it keeps the members it had last."""

    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.AUDIENCE, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    definition = models.JSONField(_("rule"), help_text="Read by contacts.segments.rules.parsing alone.")
    reads = ArrayField(models.BigIntegerField(), default=list, help_text="Segments whose members the rule reads.")
    version = models.IntegerField(default=1)
    state = models.CharField(_("state"), max_length=8, choices=SegmentState, default=SegmentState.BUILDING)
    problem = models.TextField(blank=True, help_text="Why it is broken.")
    members = models.BigIntegerField(_("people"), default=0, help_text="Open memberships; kept with them.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    filled_at = models.DateTimeField(null=True, blank=True, help_text="When its first build ended.")
    built_at = models.DateTimeField(null=True, blank=True, help_text="When its members were last found from scratch.")
    flipped_to = models.DateTimeField(null=True, blank=True, help_text="Up to when time has been looked at.")

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="segment_name_unique"),
            models.CheckConstraint(
                condition=Q(state=SegmentState.BROKEN, problem__gt="")
                | (~Q(state=SegmentState.BROKEN) & Q(problem="")),
                name="segment_broken_says_why",
            ),
            models.CheckConstraint(condition=Q(members__gte=0), name="segment_members_not_negative"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name; one that came with a template in the reader's language."""
        return said(self.name)

    @property
    def about(self) -> str:
        """The description, as `label` says the name."""
        return said(self.description)

    @property
    def is_of_stage(self) -> bool:
        """Tell whether it stands behind the rule of a stage, and is no audience."""
        return self.purpose == Purpose.STAGE

    @property
    def is_ready(self) -> bool:
        """Tell whether its members are those of its rule, to within seconds."""
        return self.state == SegmentState.READY

    @property
    def was_built(self) -> bool:
        """Tell whether it ever had members."""
        return self.built_at is not None


class SegmentVersion(models.Model):
    """A definition the segment has had."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, db_index=False, related_name="versions")
    number = models.IntegerField(_("version"))
    definition = models.JSONField(_("rule"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("version of a segment")
        verbose_name_plural = _("versions of segments")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_unique")]

    def __str__(self) -> str:
        return f"{self.segment_id}, {self.number}"


class Membership(models.Model):
    """A person is, or was, in a segment: from `entered_at` up to, and without, `left_at`.

    No foreign keys in the database: they cost as much as the row (docs/decisions/segments.md). An empty stay
    (left as it was entered) is one that goes on under the person the contact was merged into.
    """

    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="memberships"
    )
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="memberships"
    )
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=Q(left_at=None), name="membership_open_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")), name="membership_left_after_it_entered"
            ),
        ]
        indexes = [
            models.Index(fields=["contact"], name="membership_of_person"),  # past ones too: an erasure takes all
            models.Index(fields=["segment", "entered_at"], name="membership_entered"),
            models.Index(fields=["segment", "left_at"], condition=~Q(left_at=None), name="membership_left"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.contact_id}"


class ByHand(models.Model):
    """A person is in a segment, or out of it, whatever the rule says."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, db_index=False, related_name="by_hand")
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="segments_by_hand")
    included = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision by hand")
        verbose_name_plural = _("decisions by hand")
        constraints = [models.UniqueConstraint(fields=["segment", "contact"], name="by_hand_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.contact_id}"


class SegmentSize(models.Model):
    """How many people were in a segment at the end of a day (of the company)."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, db_index=False, related_name="sizes")
    day = models.DateField()
    n = models.BigIntegerField()

    class Meta:
        verbose_name = _("size of a segment")
        verbose_name_plural = _("sizes of segments")
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="segment_size_once_a_day")]

    def __str__(self) -> str:
        return f"{self.segment_id}, {self.day}: {self.n}"


class SegmentBuild(WorkRow):
    """Finding all members from scratch, range by range of contact ids. One row a segment; a new build takes it over."""

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="build")
    read_to = models.BigIntegerField(
        null=True, blank=True, help_text="It waits until the followers have read the ledger up to here."
    )
    began_at = models.DateTimeField(null=True, blank=True)
    upto = models.BigIntegerField(default=0, help_text="Contacts below this id are done.")
    top = models.BigIntegerField(default=0, help_text="The highest contact id when it began.")
    entered = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("build of a segment")
        verbose_name_plural = _("builds of segments")
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=[WorkState.READY, WorkState.LEASED]), name="segment_build_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.state}"

    @property
    def percent(self) -> int:
        """Return its progress, 0..100."""
        if self.state == WorkState.DONE:
            return 100
        return min(99, int(100 * self.upto / max(1, self.top)))


class SegmentTouch(models.Model):
    """Somebody must be looked at anew: after an event of a kind, for one segment, or (both empty) for all."""

    contact_id = models.BigIntegerField()
    kind_id = models.SmallIntegerField(null=True)
    segment_id = models.BigIntegerField(null=True)
    tx = models.BigIntegerField(
        db_default=LedgerPosition(), editable=False, help_text="Looked at once the followers have read up to here."
    )

    class Meta:
        indexes = [models.Index(fields=["contact_id"], name="segment_touch_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id}"


class SegmentWaiting(models.Model):
    """Somebody who was touched while the segment was being built; the build ends by looking at her anew."""

    segment_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment_id", "contact_id"], name="segment_waiting_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.contact_id}"
