"""Numbers and names that other systems give a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeySource(models.TextChoices):
    """Who gave a key."""

    EXTERNAL = "external", _("another system")
    ANONYMOUS = "anonymous", _("a browser or device")


class ContactKey(models.Model):
    """One person under one key of a source. She may have several; a key is one person's."""

    source = models.CharField(max_length=9, choices=KeySource)
    key = models.CharField(max_length=200)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="keys")

    class Meta:
        verbose_name = _("key of a person")
        verbose_name_plural = _("keys of people")
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="contact_key_unique")]

    def __str__(self) -> str:
        return self.key
