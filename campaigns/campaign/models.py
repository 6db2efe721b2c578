"""A one-off campaign: what is said, to whom, from whom, and when. Its runs are dispatches."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.sending.models import Doubt


class CampaignState(models.TextChoices):
    """Where a campaign stands; the arrows are in docs/sending.md."""

    DRAFT = "draft", _("draft")
    SCHEDULED = "scheduled", _("scheduled")
    LAUNCHING = "launching", _("preparing")
    SENDING = "sending", _("sending")
    PAUSED = "paused", _("paused")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


# Of whom the audience is made, and who is taken out of it: many-to-many fields of a campaign.
PEOPLE = (
    "include_segments", "include_lists", "include_tags", "exclude_segments", "exclude_lists", "exclude_tags",
)  # fmt: skip


class Campaign(models.Model):
    """One mail to one audience. `subject` and `preheader` override the template's when given."""

    name = models.CharField(_("name"), max_length=120)
    sender = models.ForeignKey(
        "campaigns.Sender", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sender")
    )
    template = models.ForeignKey(
        "campaigns.MailTemplate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("template"),
    )
    topic = models.ForeignKey(
        "contacts.Topic",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("topic"),
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    preheader = models.CharField(_("preheader"), max_length=200, blank=True)
    include_lists = models.ManyToManyField(
        "contacts.FixedList", blank=True, related_name="+", verbose_name=_("people on these lists")
    )
    include_segments = models.ManyToManyField(
        "contacts.Segment",
        blank=True,
        limit_choices_to={"purpose": ""},
        related_name="+",
        verbose_name=_("people in these segments"),
    )
    include_tags = models.ManyToManyField(
        "contacts.Tag", blank=True, related_name="+", verbose_name=_("people with these tags")
    )
    exclude_lists = models.ManyToManyField(
        "contacts.FixedList", blank=True, related_name="+", verbose_name=_("but not on these lists")
    )
    exclude_segments = models.ManyToManyField(
        "contacts.Segment",
        blank=True,
        limit_choices_to={"purpose": ""},
        related_name="+",
        verbose_name=_("but not in these segments"),
    )
    exclude_tags = models.ManyToManyField(
        "contacts.Tag", blank=True, related_name="+", verbose_name=_("and without these tags")
    )
    link_parameters = models.JSONField(_("link parameters"), default=dict, blank=True)
    doubt = models.CharField(
        _("If a server stops while it takes a mail"), max_length=6, choices=Doubt, default=Doubt.RESEND
    )
    state = models.CharField(_("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    state_reason = models.CharField(max_length=300, blank=True)
    scheduled_at = models.DateTimeField(_("send at"), null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [models.Index(fields=["state", "scheduled_at"], name="campaign_due")]

    def __str__(self) -> str:
        return self.name
