"""People who may be one: keys by which they meet, pairs that were found, and the searches that find them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow, WorkState

WORKING = [WorkState.READY, WorkState.LEASED]


class DuplicateKey(models.Model):
    """A hash under which a live contact meets others like her, one for each rule; written by searches alone."""

    pk = models.CompositePrimaryKey("contact_id", "rule")
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    rule = models.SmallIntegerField()
    key = models.BigIntegerField()

    class Meta:
        verbose_name = _("duplicate key")
        verbose_name_plural = _("duplicate keys")
        indexes = [models.Index(fields=["rule", "key", "contact"], name="duplicate_key_block")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.rule}"


class PairState(models.TextChoices):
    """What was decided of a pair. A merged pair is not kept: the merge is."""

    OPEN = "open", _("to decide")
    DISTINCT = "distinct", _("two people")


class DuplicatePair(models.Model):
    """Two contacts that may be one person. `first` has the lower id; what was decided of a pair holds for ever."""

    first = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_index=False, related_name="+")
    second = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="+")
    score = models.SmallIntegerField(help_text=_("How likely they are one person, 0 to 100."))
    reasons = ArrayField(models.CharField(max_length=20), help_text=_("Keys of contacts.duplicates.rules."))
    state = models.CharField(max_length=8, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_unique"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [
            models.Index(fields=["-score", "-id"], condition=Q(state=PairState.OPEN), name="duplicate_pair_open"),
            models.Index(fields=["-decided_at", "-id"], condition=~Q(decided_at=None), name="duplicate_pair_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}: {self.score}"


class SearchStep(models.TextChoices):
    """What a search does now."""

    KEYS = "keys", _("reading people")
    PAIRS = "pairs", _("comparing people")
    FINISHED = "finished", _("finished")


class DuplicateSearch(WorkRow):
    """One search through all people, in ranges of ids: first the keys, then the pairs that share one."""

    step = models.CharField(max_length=8, choices=SearchStep, default=SearchStep.KEYS)
    position = models.BigIntegerField(default=0, help_text="The last contact id that is done in this step.")
    upto = models.BigIntegerField(help_text="The highest contact id when the search began.")
    found = models.IntegerField(default=0, help_text="Pairs that were not known before.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=WORKING), name="one_duplicate_search_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.percent} %"

    @property
    def is_working(self) -> bool:
        """Tell whether a machine works on it, or will."""
        return self.state in WORKING

    @property
    def percent(self) -> int:
        """Return the progress over both steps, 0..100."""
        if self.step == SearchStep.FINISHED:
            return 100
        half = 50 * self.position // max(1, self.upto)
        return min(99, int(half + (50 if self.step == SearchStep.PAIRS else 0)))


class BulkStep(models.TextChoices):
    """What a merge of many does now, or has done."""

    MERGING = "merging", _("merging")
    MERGED = "merged", _("merged")
    UNDOING = "undoing", _("undoing")
    UNDONE = "undone", _("undone")


class DuplicateMerge(WorkRow):
    """All open pairs of one choice, merged one by one by a job; undone as a whole by the same job run backwards."""

    step = models.CharField(max_length=8, choices=BulkStep, default=BulkStep.MERGING)
    reason = models.CharField(max_length=20, blank=True, help_text="Only pairs with this reason.")
    least = models.SmallIntegerField(default=0, help_text="Only pairs with at least this score.")
    agreeing = models.BooleanField(default=True, help_text="Only pairs in which no value contradicts another.")
    upto = models.BigIntegerField(help_text="The newest pair when the job was confirmed; later ones are left alone.")
    position = models.BigIntegerField(default=0, help_text="The last pair (when undoing: merge) that is done.")
    total = models.IntegerField(default=0)
    merged = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    undone = models.IntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge of many")
        verbose_name_plural = _("merges of many")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.merged}"

    @property
    def is_working(self) -> bool:
        """Tell whether a machine works on it, or will."""
        return self.state in WORKING

    @property
    def done(self) -> int:
        """Return how many pairs (when undoing: merges) are through, out of `of`."""
        return self.undone if self.step in (BulkStep.UNDOING, BulkStep.UNDONE) else self.merged + self.skipped

    @property
    def of(self) -> int:
        """Return how many there are to do."""
        return self.merged if self.step in (BulkStep.UNDOING, BulkStep.UNDONE) else self.total
