"""The record of each merge: what was moved, so that it can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Merge(models.Model):
    """One contact went up in another. `moved` keeps, by handler, what would have to go back."""

    winner = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="absorbed")
    loser = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="absorptions")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    bulk = models.ForeignKey(
        "contacts.DuplicateMerge", on_delete=models.SET_NULL, null=True, related_name="merges", verbose_name=_("job")
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.CheckConstraint(condition=~Q(winner=F("loser")), name="merge_of_two"),
            models.UniqueConstraint(fields=["loser"], condition=Q(undone_at=None), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.winner_id}"
