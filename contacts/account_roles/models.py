"""The parts a person can play in an account: rows, so that a team adds its own."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LONGEST_KEY = 40


class AccountRole(models.Model):
    """One part, such as decision maker. Contacts keep its `key` in `account_roles`; the key never changes."""

    key = models.SlugField(_("key"), max_length=LONGEST_KEY, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_ko = models.CharField(_("name in Korean"), max_length=60, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("role in an account")
        verbose_name_plural = _("roles in accounts")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(Lower("name"), name="account_role_name_unique")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_ko if get_language() == "ko" and self.name_ko else self.name
