"""Consent as the law asks for it: an append-only record, its current state, and who must never be mailed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.consent.sources import in_words


class Purpose(models.TextChoices):
    """What a person agrees to."""

    MARKETING = "marketing", _("Marketing")
    NIGHT = "night", _("Messages at night")
    TRACKING = "tracking", _("Tracking")
    THIRD_PARTY = "third_party", _("Passing on to third parties")
    GUARDIAN = "guardian", _("Marketing to under-14s (guardian)")


class Channel(models.TextChoices):
    """How a person is reached."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    KAKAO = "kakao", _("KakaoTalk")
    PUSH = "push", _("Push")


class Decision(models.TextChoices):
    """What the person said. No entry at all means unknown, and unknown is not mailed marketing."""

    GRANTED = "granted", _("agreed")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "refused")


class ConsentEntry(models.Model):
    """One statement of a person, with its proof; never changed, never deleted but by erasure."""

    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="consent_entries",
    )
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=8, choices=Channel)
    decision = models.CharField(max_length=10, choices=Decision)
    at = models.DateTimeField(help_text=_("When the person said so."))
    recorded_at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=80, help_text=_("Where: form, import, person, one-click, preference page."))
    basis = models.CharField(max_length=200, blank=True, help_text=_("On what ground an import claims it."))
    wording = models.TextField(blank=True, help_text=_("The text the person agreed to."))
    wording_version = models.CharField(max_length=40, blank=True)
    ip_prefix = models.CharField(max_length=45, blank=True)
    double_opt_in_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("consent entry")
        verbose_name_plural = _("consent entries")
        indexes = [models.Index(fields=["contact", "-at"], name="consent_entry_of_contact")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_channel_display()}: {self.get_decision_display()}"

    @property
    def where(self) -> str:
        """Return the source in the reader's words."""
        return in_words(self.source)


class ConsentState(models.Model):
    """What holds now for one person, purpose and channel; written in the transaction of its entry."""

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="consents"
    )
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=8, choices=Channel)
    decision = models.CharField(max_length=10, choices=Decision)
    since = models.DateTimeField()
    entry = models.ForeignKey(
        ConsentEntry, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose", "channel"], include=["decision"], name="consent_state_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_channel_display()}: {self.get_decision_display()}"


class SuppressionReason(models.TextChoices):
    """Why an address is never mailed."""

    HARD_BOUNCE = "hard_bounce", _("address does not exist")
    COMPLAINT = "complaint", _("reported as spam")
    MANUAL = "manual", _("excluded by hand")
    IMPORTED = "imported", _("opted out before the import")
    ERASED = "erased", _("erased on request")


class Suppression(models.Model):
    """A mailbox that gets nothing, known by its keyed hash alone; survives erasure of the person."""

    email_key = models.CharField(max_length=32, unique=True)
    reason = models.CharField(max_length=12, choices=SuppressionReason)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("excluded address")
        verbose_name_plural = _("excluded addresses")

    def __str__(self) -> str:
        return self.get_reason_display()
