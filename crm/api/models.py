"""Answers that were given to POSTs with an Idempotency-Key, so that a repeat gets the same one (once.py)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Answer(models.Model):
    """What the first request with a key was answered. `asker` is a token or a session's user; `request` its hash."""

    asker = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["asker", "key"], name="api_answer_once")]

    def __str__(self) -> str:
        return self.key
