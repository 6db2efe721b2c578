"""The send queue: dispatches, their messages and chunks, retries, links and what each person was sent of late."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.templating.models import MailKind
from crm.kit.work import WorkRow


class LeftOut(models.TextChoices):
    """Why a member of the audience gets no mail."""

    NO_ADDRESS = "no_address", _("has no address")
    NO_CONSENT = "no_consent", _("has not agreed to marketing")
    WITHDRAWN = "withdrawn", _("has refused marketing")
    TOPIC = "topic", _("does not want this topic")
    NO_GUARDIAN = "no_guardian", _("under 14 without a guardian’s consent")
    SUPPRESSED = "suppressed", _("address is excluded")
    SAME_MAILBOX = "same_mailbox", _("same mailbox as another recipient")
    CAPPED = "capped", _("got enough mails of late")
    ERASED = "erased", _("was deleted")
    NOT_LISTED = "not_listed", _("address is not listed on this test install")


class DispatchState(models.TextChoices):
    """Where a dispatch stands; the arrows are in docs/sending.md."""

    FREEZING = "freezing", _("preparing")
    SENDING = "sending", _("sending")
    PAUSED = "paused", _("paused")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


class Doubt(models.TextChoices):
    """What happens to a mail of which nobody knows whether it left."""

    RESEND = "resend", _("Send it once more")
    HOLD = "hold", _("Hold it until somebody decides")


class Dispatch(models.Model):
    """One run of a campaign, one journey step, or one transactional call; frozen settings of the send."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="dispatches"
    )
    sender = models.ForeignKey("campaigns.Sender", on_delete=models.PROTECT, related_name="+")
    template_version = models.ForeignKey(
        "campaigns.TemplateVersion", on_delete=models.PROTECT, related_name="dispatches"
    )
    subject = models.CharField(max_length=200, blank=True)
    preheader = models.CharField(max_length=200, blank=True)
    link_parameters = models.JSONField(default=dict, blank=True)
    topic = models.ForeignKey(
        "contacts.Topic", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=13, choices=MailKind, default=MailKind.ADVERTISING)
    mailer = models.CharField(max_length=40, default="default")
    doubt = models.CharField(max_length=6, choices=Doubt, default=Doubt.RESEND)
    state = models.CharField(max_length=10, choices=DispatchState, default=DispatchState.FREEZING)
    state_reason = models.CharField(max_length=300, blank=True)
    frozen_to = models.BigIntegerField(default=0, help_text=_("Contacts up to this id are in the frozen audience."))
    size = models.IntegerField(default=0, help_text=_("How many messages are to be sent: the highest ordinal."))
    standing = models.BooleanField(default=False, help_text=_("Of a journey's step: messages come as people come."))
    gives = models.BooleanField(
        default=False, db_default=False, help_text=_("Its mails name what a journey gives: `given` of a message.")
    )
    trackable = models.IntegerField(null=True, help_text=_("To how many it went who agree to tracking; see trackable."))
    created_at = models.DateTimeField(db_default=Now())
    frozen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        indexes = [
            models.Index(fields=["state"], condition=models.Q(state__in=["freezing", "sending"]), name="dispatch_open")
        ]

    def __str__(self) -> str:
        return f"dispatch {self.pk}"


class Message(models.Model):
    """One person in one dispatch, or the reason why not. Written at launch, never updated while sending."""

    dispatch = models.ForeignKey(  # checking each of a million rows against its one dispatch costs a fifth of a launch
        Dispatch, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="messages"
    )
    contact_id = models.BigIntegerField()
    occurrence = models.IntegerField(default=0)
    ordinal = models.IntegerField(null=True)
    email = models.CharField(max_length=320, blank=True)
    left_out = models.CharField(max_length=12, choices=LeftOut, blank=True)
    given = models.JSONField(null=True, help_text=_("What this one mail may show beyond its person: of a journey."))

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
    holder = models.CharField(max_length=80, blank=True, help_text=_("The journal of the worker that sends from it."))

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        constraints = [models.UniqueConstraint(fields=["dispatch", "first"], name="chunk_unique")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="chunk_open"),
            models.Index(fields=["holder"], condition=~models.Q(holder=""), name="chunk_of_journal"),
        ]

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


class Retry(WorkRow):
    """A message that is to be handed over again at `due_at`; done with its final outcome, then deleted."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, db_index=False, related_name="retries")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="retry")
    tries = models.IntegerField(default=0, help_text=_("How often the server was asked and put us off."))
    holder = models.CharField(max_length=80, blank=True)

    max_attempts: ClassVar[int] = 1_000_000

    class Meta:
        verbose_name = _("retry")
        verbose_name_plural = _("retries")
        indexes = [
            models.Index(fields=["dispatch", "due_at"], name="retry_of_dispatch"),
            models.Index(fields=["due_at", "id"], name="retry_due"),
        ]

    def __str__(self) -> str:
        return f"retry {self.message_id}"


class ContactSendState(models.Model):
    """The advertising mails a person was given of late: parallel arrays, oldest first. Reserved before hand-over."""

    contact_id = models.BigIntegerField(primary_key=True)
    message_ids = ArrayField(models.BigIntegerField())
    times = ArrayField(models.DateTimeField())

    class Meta:
        db_table = "contact_send_state"

    def __str__(self) -> str:
        return f"sends to {self.contact_id}"


class FrequencyCap(models.Model):
    """At most `sends` advertising mails to one person in `days` days, over all campaigns. One row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sends = models.PositiveIntegerField(_("mails"))
    days = models.PositiveIntegerField(_("days"))
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("frequency cap")
        verbose_name_plural = _("frequency caps")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="frequency_cap_single"),
            models.CheckConstraint(condition=models.Q(sends__gte=1, days__gte=1), name="frequency_cap_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sends} / {self.days} d"


class MailerState(models.Model):
    """The health of one mailer, shared by all workers: an open breaker lets nothing be claimed for it."""

    alias = models.CharField(max_length=40, primary_key=True)
    failures = models.IntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mailer")
        verbose_name_plural = _("mailers")

    def __str__(self) -> str:
        return self.alias


class DomainPace(models.Model):
    """A recipient domain that asked us to slow down: nothing goes there through this mailer before `until`."""

    mailer = models.CharField(max_length=40)
    domain = models.CharField(max_length=253)
    failures = models.IntegerField(default=0)
    until = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailer", "domain"], name="domain_pace_unique")]

    def __str__(self) -> str:
        return f"{self.domain} until {self.until}"
