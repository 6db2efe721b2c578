"""Fields that a company adds to its people and accounts."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

PREFIX = "attribute."  # before an attribute's key where it stands among other fields: columns, orders


class AttributeType(models.TextChoices):
    """The types of a custom attribute; values are validated on write (contacts/attributes/values.py)."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    DATE = "date", _("Date")
    DATETIME = "datetime", _("Date and time")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("One of a choice")
    CHOICES = "choices", _("Several of a choice")
    LIST = "list", _("List of texts")


class Target(models.TextChoices):
    """What an attribute belongs to."""

    CONTACT = "contact", _("Contact")
    ACCOUNT = "account", _("Account")


class AttributeQuerySet(models.QuerySet["Attribute"]):
    """Reusable conditions on attributes."""

    def offered(self, target: str) -> Self:
        """Keep the attributes of people or accounts that are shown and asked for: those not retired."""
        return self.filter(target=target, retired_at=None)

    def sorting(self) -> Self:
        """Keep those by which people are to be sorted."""
        return self.offered(Target.CONTACT).exclude(sort_asked_at=None)


class Attribute(models.Model):
    """The definition of one custom attribute; its values stand in `attributes` of the contact or account."""

    target = models.CharField(_("belongs to"), max_length=8, choices=Target, default=Target.CONTACT)
    key = models.SlugField(_("key"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    type = models.CharField(_("type"), max_length=8, choices=AttributeType)
    choices = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("choices"))
    position = models.IntegerField(_("position"), default=0)
    created_at = models.DateTimeField(db_default=Now())
    sort_asked_at = models.DateTimeField(null=True, blank=True, help_text="Since when people are to be sorted by it.")
    sort_ready_at = models.DateTimeField(null=True, blank=True, help_text="Since when an index bears that order.")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="Hidden everywhere since; values are kept.")

    objects = AttributeQuerySet.as_manager()

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["target", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["target", "key"], name="attribute_key_unique")]

    def __str__(self) -> str:
        return self.label
