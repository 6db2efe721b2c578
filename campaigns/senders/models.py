"""Who a mail comes from: an address proved by a mail to it, and the details the law wants in the footer."""

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Sender(models.Model):
    """A sender identity. Only a verified one may launch."""

    name = models.CharField(_("sender name"), max_length=120)
    email = models.EmailField(_("sender address"))
    reply_to = models.EmailField(_("reply address"), blank=True)
    organisation = models.CharField(_("organisation"), max_length=160)
    postal_address = models.CharField(_("postal address"), max_length=300)
    phone = models.CharField(_("phone"), max_length=30)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        constraints = [models.UniqueConstraint(Lower("email"), "name", name="sender_unique")]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class SenderTrial(models.Model):
    """The last trial of a sender (campaigns.senders.trial): what the mail server said, and what DNS says."""

    sender = models.OneToOneField(Sender, on_delete=models.CASCADE, related_name="trial")
    at = models.DateTimeField()
    email = models.EmailField()
    selector = models.CharField(max_length=63, blank=True)
    findings = models.JSONField()
    conversation = models.JSONField()
    passed = models.BooleanField()

    class Meta:
        verbose_name = _("sender test")
        verbose_name_plural = _("sender tests")

    def __str__(self) -> str:
        return f"{self.email} {self.at:%Y-%m-%d}"
