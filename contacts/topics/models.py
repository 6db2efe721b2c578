"""Topics of marketing mail, what people said about them, and what holds. No row means: as she agreed to marketing."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts.consent.sources import in_words

LONGEST_NAME = 60


class Topic(models.Model):
    """One subject of mails, such as events. Its names and descriptions are read by the people who get the mails."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    name_ko = models.CharField(_("name in Korean"), max_length=LONGEST_NAME, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    description_ko = models.CharField(_("description in Korean"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    retired_at = models.DateTimeField(_("no longer offered since"), null=True, blank=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="topic_name_unique",
                violation_error_message=_("This name is already in use. Choose another one."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_ko if get_language() == "ko" and self.name_ko else self.name

    @property
    def told(self) -> str:
        """Return the description in the reader's language."""
        return self.description_ko if get_language() == "ko" and self.description_ko else self.description

    @property
    def is_offered(self) -> bool:
        """Tell whether people and new mails may choose it."""
        return self.retired_at is None


class TopicEntry(models.Model):
    """One statement of a person about a topic, with its proof; never changed, never deleted but by erasure."""

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="topic_entries"
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, db_index=False, related_name="entries")
    wanted = models.BooleanField()
    at = models.DateTimeField(help_text=_("When the person said so."))
    recorded_at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=80)
    basis = models.CharField(max_length=200, blank=True)
    wording = models.TextField(blank=True, help_text=_("The text the person read."))
    ip_prefix = models.CharField(max_length=45, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("statement about a topic")
        verbose_name_plural = _("statements about topics")
        indexes = [models.Index(fields=["contact", "-at"], name="topic_entry_of_contact")]

    def __str__(self) -> str:
        return f"{self.topic_id}: {self.wanted}"

    @property
    def where(self) -> str:
        """Return the source in the reader's words."""
        return in_words(self.source)


class TopicState(models.Model):
    """What holds now for one person and topic; written in the transaction of its entry."""

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="topic_states"
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="states")
    wanted = models.BooleanField()
    since = models.DateTimeField()
    entry = models.ForeignKey(
        TopicEntry, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = _("choice of a topic")
        verbose_name_plural = _("choices of topics")
        constraints = [
            models.UniqueConstraint(fields=["contact", "topic"], include=["wanted"], name="topic_state_unique")
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}: {self.wanted}"
