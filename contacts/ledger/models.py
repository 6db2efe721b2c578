"""The ledger's tables as Django reads them. Their DDL is contacts/ledger/sql/*.sql; nothing is written through them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerKind(models.Model):
    """The number of an event kind."""

    id = models.SmallIntegerField(primary_key=True)
    key = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_kind"

    def __str__(self) -> str:
        return self.key


class LedgerSubject(models.Model):
    """The number of what an event is about, such as ("dispatch", "17")."""

    type = models.TextField()
    key = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_subject"

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class Event(models.Model):
    """One thing that happened to one contact. `tx` and `id` give its place in the order of following."""

    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+")
    origin_contact_id = models.BigIntegerField(null=True)
    kind = models.ForeignKey(LedgerKind, models.DO_NOTHING, db_constraint=False, related_name="+")
    subject = models.ForeignKey(LedgerSubject, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    value = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    properties = models.JSONField()
    cause = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField()
    tx = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "event"
        verbose_name = _("event of a person")
        verbose_name_plural = _("events of people")

    def __str__(self) -> str:
        return f"event {self.pk}"


class FollowerState(models.Model):
    """Whether a follower runs; one that failed keeps its error until it is resumed."""

    name = models.TextField(primary_key=True)
    added_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    error = models.TextField()

    class Meta:
        managed = False
        db_table = "follower_state"

    def __str__(self) -> str:
        return self.name


class ContactState(models.Model):
    """What is known of one contact and kind over all time: how often, how much, first, last and the last five times."""

    pk = models.CompositePrimaryKey("kind_id", "contact_id")
    kind = models.ForeignKey(LedgerKind, models.DO_NOTHING, db_constraint=False, related_name="+")
    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+")
    n = models.IntegerField()
    total = models.DecimalField(max_digits=24, decimal_places=4)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_times = ArrayField(models.DateTimeField())

    class Meta:
        managed = False
        db_table = "contact_state"

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.n} of kind {self.kind_id}"


class SubjectState(models.Model):
    """What one contact did to one subject: kind by kind, over all time."""

    pk = models.CompositePrimaryKey("kind_id", "subject_id", "contact_id")
    kind = models.ForeignKey(LedgerKind, models.DO_NOTHING, db_constraint=False, related_name="+")
    subject = models.ForeignKey(LedgerSubject, models.DO_NOTHING, db_constraint=False, related_name="+")
    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, db_constraint=False, related_name="+")
    n = models.IntegerField()
    total = models.DecimalField(max_digits=24, decimal_places=4)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "subject_state"

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.n} of kind {self.kind_id} on {self.subject_id}"


class SubjectCounter(models.Model):
    """How many events, of how many people, and how much, per subject and kind."""

    pk = models.CompositePrimaryKey("subject_id", "kind_id")
    subject = models.ForeignKey(LedgerSubject, models.DO_NOTHING, db_constraint=False, related_name="+")
    kind = models.ForeignKey(LedgerKind, models.DO_NOTHING, db_constraint=False, related_name="+")
    n = models.BigIntegerField()
    people = models.BigIntegerField()
    total = models.DecimalField(max_digits=24, decimal_places=4)

    class Meta:
        managed = False
        db_table = "subject_counter"

    def __str__(self) -> str:
        return f"{self.n} of kind {self.kind_id} on {self.subject_id}"


class ContactSeen(models.Model):
    """When a contact last did something herself."""

    contact = models.OneToOneField(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="seen"
    )
    last_seen_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "contact_seen"

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.last_seen_at}"


class ContactTouch(models.Model):
    """From where a contact first came, and from where last."""

    contact = models.OneToOneField(
        "contacts.Contact", models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="touch"
    )
    first_event_id = models.BigIntegerField()
    first_at = models.DateTimeField()
    first_channel = models.TextField()
    first_facts = models.JSONField()
    last_event_id = models.BigIntegerField()
    last_at = models.DateTimeField()
    last_channel = models.TextField()
    last_facts = models.JSONField()

    class Meta:
        managed = False
        db_table = "contact_touch"

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.first_channel}, {self.last_channel}"
