"""Mail templates, their versions and pictures. A version is never changed once it is made (a trigger holds that)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class MailKind(models.TextChoices):
    """Advertising mail needs consent and carries (광고); informational mail does not."""

    ADVERTISING = "advertising", _("Advertising")
    INFORMATIONAL = "informational", _("Informational")


class MailTemplate(models.Model):
    """A mail that can be sent again and again; its content stands in versions, and in a draft while it is edited.

    `version` counts saves: an edit that was begun on an older count is refused. `starter` names the ready-made mail
    that this template was made from by the product, so that it is made once.
    """

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=13, choices=MailKind, default=MailKind.ADVERTISING)
    draft = models.JSONField(default=dict, blank=True)
    starter = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        constraints = [
            models.UniqueConstraint(fields=["starter"], condition=~Q(starter=""), name="mail_template_starter_unique")
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The content of a template at one time, for all its languages, with the parts made of it (see publish.py)."""

    template = models.ForeignKey(MailTemplate, on_delete=models.CASCADE, db_index=False, related_name="versions")
    number = models.IntegerField()
    kind = models.CharField(max_length=13, choices=MailKind, default=MailKind.ADVERTISING)
    content = models.JSONField(default=dict)
    compiled = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_unique")]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.number}"


class Asset(models.Model):
    """A picture for mails: checked, re-encoded and served to everybody under an address that cannot be guessed."""

    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(_("file name"), max_length=120)
    file = models.FileField(upload_to="mail-pictures/")
    digest = models.CharField(max_length=64, unique=True)
    mime = models.CharField(max_length=20)
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.IntegerField()
    alt = models.CharField(_("description for those who do not see it"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Return the address on this site, without the host."""
        return reverse("campaigns:picture", args=[self.key])
