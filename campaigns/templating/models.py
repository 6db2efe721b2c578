"""Mail templates and their versions. A version is never changed once it is made."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MailKind(models.TextChoices):
    """Advertising mail needs consent and carries (광고); informational mail does not."""

    ADVERTISING = "advertising", _("Advertising")
    INFORMATIONAL = "informational", _("Informational")


class MailTemplate(models.Model):
    """A mail that can be sent again and again; its content stands in versions."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=13, choices=MailKind, default=MailKind.ADVERTISING)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The content of a template at one time, for all its languages."""

    template = models.ForeignKey(MailTemplate, on_delete=models.CASCADE, db_index=False, related_name="versions")
    number = models.IntegerField()
    content = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_unique")]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.number}"
