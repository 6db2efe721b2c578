"""Addresses of other programs that are told what happens, what they are to be told, and the calls that tell it."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.segments.models import Segment
from crm.kit import signing
from crm.kit.work import WorkRow, WorkState


class HookState(models.TextChoices):
    """Whether a webhook is called; the arrows are in docs/api.md."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    OFF = "off", _("switched off")


class Hook(models.Model):
    """One address and the kinds of events it is told, of the people its owner may see.

    Its secret is not kept: it is made from SECRET_KEY and `salt`. The one before holds until `old_until`.
    """

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=2_000)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only people of")
    )
    batched = models.BooleanField(_("many events in one call"), default=False)
    with_person = models.BooleanField(_("with name and e-mail address"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("as seen by")
    )
    state = models.CharField(_("state"), max_length=6, choices=HookState, default=HookState.ACTIVE)
    since = models.DateTimeField(help_text="Only events recorded from then on are told.")
    salt = models.CharField(max_length=32)
    old_salt = models.CharField(max_length=32, blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="First failure after the last success.")
    failures = models.IntegerField(default=0, help_text="In a row.")
    rest_until = models.DateTimeField(null=True, blank=True, help_text="Not called before, after a failure.")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What the receiver keeps; shown when it is made, and never again."""
        return signing.secret_of(_key(self.salt))

    def keys(self, now: datetime) -> list[bytes]:
        """Return the keys that sign a call at `now`: while the secret is changed, the old one too."""
        old = bool(self.old_salt) and self.old_until is not None and now < self.old_until
        return [_key(self.salt), *([_key(self.old_salt)] if old else [])]


def _key(salt: str) -> bytes:
    return signing.key_of(f"hook:{salt}")


class HookDelivery(WorkRow):
    """One call with one event or many. `test`: a trial, without events. `status`, `duration_ms`: of the last try."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    test = models.BooleanField(default=False)
    made_at = models.DateTimeField(_("time"))
    tried_at = models.DateTimeField(null=True)
    status = models.IntegerField(null=True)
    duration_ms = models.IntegerField(null=True)
    events = models.IntegerField(default=0, help_text="How many.")
    kinds = ArrayField(models.CharField(max_length=60), default=list)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        indexes = [
            models.Index(
                fields=["hook", "due_at", "id"],
                condition=Q(state__in=[WorkState.READY, WorkState.LEASED]),
                name="hookdelivery_due",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(test=True, state__in=[WorkState.READY, WorkState.LEASED]),
                name="hookdelivery_test",
            ),
            models.Index(fields=["hook", "-made_at", "-id"], name="hookdelivery_log"),
            models.Index(fields=["made_at"], name="hookdelivery_made"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def number(self) -> str:
        """The identity of the call, the same at each repeat."""
        return f"msg_{self.pk}"


class HookEvent(models.Model):
    """One event that a webhook is to be told, as it was when it was read; waits for a delivery, then belongs to it."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="events", db_index=False)
    delivery = models.ForeignKey(HookDelivery, on_delete=models.CASCADE, null=True, related_name="told")
    event_id = models.BigIntegerField()
    contact_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    subject_type = models.TextField(null=True)  # noqa: DJ001 - an event without a subject
    subject_key = models.TextField(null=True)  # noqa: DJ001
    value = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    properties = models.JSONField()

    class Meta:
        verbose_name = _("event of a webhook")
        verbose_name_plural = _("events of webhooks")
        constraints = [models.UniqueConstraint(fields=["hook", "event_id"], name="hookevent_once")]
        indexes = [models.Index(fields=["hook", "id"], condition=Q(delivery=None), name="hookevent_waiting")]

    def __str__(self) -> str:
        return f"event {self.event_id}"
