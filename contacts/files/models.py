"""Files that colleagues keep with a person or an account."""

from datetime import datetime
from pathlib import PurePosixPath
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def _place(row: "KeptFile", name: str) -> str:
    """Return where a file is stored: a random name, so that nothing of the person shows in it."""
    at: datetime = row.at
    return f"kept/{at:%Y/%m}/{uuid4().hex}{PurePosixPath(name).suffix.lower()}"


class KeptFile(models.Model):
    """One file. `name` is what it was called, `type` one of ours (kinds.py), `size` in bytes."""

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, null=True, db_index=False, related_name="files"
    )
    account = models.ForeignKey(
        "contacts.Account", on_delete=models.CASCADE, null=True, db_index=False, related_name="files"
    )
    name = models.CharField(_("name"), max_length=160)
    type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    stored = models.FileField(upload_to=_place, max_length=200)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(
                condition=Q(contact=None, account__isnull=False) | Q(contact__isnull=False, account=None),
                name="file_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], condition=~Q(contact=None), name="file_of_contact"),
            models.Index(fields=["account", "-at"], condition=~Q(account=None), name="file_of_account"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Tell whether a browser may show it in the page."""
        return self.type in ("image/png", "image/jpeg", "image/gif", "image/webp")
