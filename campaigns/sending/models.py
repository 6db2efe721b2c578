"""The send queue: dispatches, their messages and chunks, retries, links and what each person was sent of late."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow


class LeftOut(models.TextChoices):
    """Why a member of the audience gets no mail."""

    NO_ADDRESS = "no_address", _("has no address")
    NO_CONSENT = "no_consent", _("has not agreed to marketing")
    WITHDRAWN = "withdrawn", _("has refused marketing")
    SUPPRESSED = "suppressed", _("address is excluded")
    SAME_MAILBOX = "same_mailbox", _("same mailbox as another recipient")
    CAPPED = "capped", _("got enough mails of late")
    ERASED = "erased", _("was deleted")


class DispatchState(models.TextChoices):
    """Where a dispatch stands; the arrows are in docs/sending.md."""

    FREEZING = "freezing", _("preparing")
    SENDING = "sending", _("sending")
    PAUSED = "paused", _("paused")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


class Doubt(models.TextChoices):
    """What happens to a mail of which nobody knows whether it left."""

    RESEND = "resend", _("send once more under the same number")
    HOLD = "hold", _("hold for a person")


class Dispatch(models.Model):
    """One run of a campaign, one journey step, or one transactional call; frozen settings of the send."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="dispatches"
    )
    sender = models.ForeignKey("campaigns.Sender", on_delete=models.PROTECT, related_name="+")
    template_version = models.ForeignKey("campaigns.TemplateVersion", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    preheader = models.CharField(max_length=200, blank=True)
    link_parameters = models.JSONField(default=dict, blank=True)
    mailer = models.CharField(max_length=40, default="default")
    doubt = models.CharField(max_length=6, choices=Doubt, default=Doubt.RESEND)
    state = models.CharField(max_length=10, choices=DispatchState, default=DispatchState.FREEZING)
    state_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    frozen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")

    def __str__(self) -> str:
        return f"dispatch {self.pk}"


class Message(models.Model):
    """One person in one dispatch, or the reason why not. Written at launch, never updated while sending."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, db_index=False, related_name="messages")
    contact_id = models.BigIntegerField()
    occurrence = models.IntegerField(default=0)
    ordinal = models.IntegerField(null=True)
    email = models.CharField(max_length=320, blank=True)
    left_out = models.CharField(max_length=12, choices=LeftOut, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "contact_id", "occurrence"], name="message_unique"),
            models.UniqueConstraint(fields=["dispatch", "ordinal"], name="message_ordinal_unique"),
            models.CheckConstraint(
                condition=models.Q(left_out="", ordinal__isnull=False)
                | (~models.Q(left_out="") & models.Q(ordinal__isnull=True)),
                name="message_sent_or_left_out",
            ),
        ]
        indexes = [models.Index(fields=["contact_id", "-id"], name="message_of_contact")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Chunk(WorkRow):
    """The messages `first` … `last` (ordinals) of a dispatch: what one worker claims."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="chunks")
    first = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        constraints = [models.UniqueConstraint(fields=["dispatch", "first"], name="chunk_unique")]

    def __str__(self) -> str:
        return f"chunk {self.dispatch_id}:{self.first}-{self.last}"


class Link(models.Model):
    """A tracked link of a dispatch, by its number in the mail; the only source of a redirect's target."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, db_index=False, related_name="links")
    number = models.IntegerField()
    url = models.TextField()
    label = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [models.UniqueConstraint(fields=["dispatch", "number"], name="link_unique")]

    def __str__(self) -> str:
        return self.url
