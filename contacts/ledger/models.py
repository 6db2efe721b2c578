"""The ledger's tables as Django reads them. Their DDL is contacts/ledger/sql/*.sql; nothing is written through them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


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
