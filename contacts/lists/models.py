"""Tags and fixed lists: people put together by hand or by an import."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A label on people."""

    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def dialog(self) -> str:
        """Return the id of this tag's dialog on a page."""
        return f"tag-{self.pk}"


class ContactTag(models.Model):
    """A person wears a tag."""

    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, db_index=False, related_name="contact_links")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "contact"], name="contact_tag_unique")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.tag_id}"


class FixedList(models.Model):
    """A named set of people that changes only by hand, import or journey."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="fixed_list_name_unique")]

    def __str__(self) -> str:
        return self.name


class ListMember(models.Model):
    """A person is on a list."""

    fixed_list = models.ForeignKey(FixedList, on_delete=models.CASCADE, db_index=False, related_name="members")
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="list_links")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fixed_list", "contact"], name="list_member_unique")]

    def __str__(self) -> str:
        return f"{self.fixed_list_id} {self.contact_id}"
