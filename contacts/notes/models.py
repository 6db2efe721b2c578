"""Notes on people and accounts, what they said before, and whom they name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """A note on a person, or on an account; with `stage` it is an insight about the customers at that stage.

    A deleted one keeps its row, so that who reads the history knows that there was one; its text lies in `versions`.
    """

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, null=True, db_index=False, related_name="notes"
    )
    account = models.ForeignKey(
        "contacts.Account", on_delete=models.CASCADE, null=True, db_index=False, related_name="notes"
    )
    stage = models.ForeignKey(
        "contacts.Stage", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("stage")
    )
    text = models.TextField(_("note"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.CheckConstraint(
                condition=Q(contact=None, account__isnull=False) | Q(contact__isnull=False, account=None, stage=None),
                name="note_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(text=""), name="note_deleted_has_no_text"),
        ]
        indexes = [
            models.Index(fields=["contact", "-at", "-id"], condition=~Q(contact=None), name="note_of_contact"),
            models.Index(fields=["account", "-at", "-id"], condition=~Q(account=None), name="note_of_account"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class NoteVersion(models.Model):
    """What a note said until `until`."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(_("note"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("earlier text of a note")
        verbose_name_plural = _("earlier texts of notes")
        ordering = ["-until", "-id"]

    def __str__(self) -> str:
        return self.text[:80]


class NoteMention(models.Model):
    """A colleague whom a note names with @; she was told once."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="note_mentions_once")]

    def __str__(self) -> str:
        return f"{self.note_id}: {self.user_id}"
