"""What PostgreSQL computes of a person's words itself: the key she is sorted by, the text she is found by."""

from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.core.checks import CheckMessage
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Coalesce, Lower


class SortKey(Func):
    """Hangul first, then the rest in folded case, nameless last (see korean.md)."""

    function = "wayfare_sort_key"
    output_field = models.TextField()


class Bigrams(Func):
    """The two-letter pieces of a text, as an array (SQL function ngrams2, migration 0001)."""

    function = "ngrams2"
    output_field = ArrayField(models.TextField())


class Initials(Func):
    """The initial consonants of Hangul syllables, 김철수 as ㄱㅊㅅ (SQL function hangul_initials, migration 0007)."""

    function = "hangul_initials"
    output_field = models.TextField()


class StoredGenerated(models.GeneratedField):
    """A stored generated column. Checks work without a server: PostgreSQL 18 is the minimum everywhere."""

    def _check_supported(self, databases: Sequence[str]) -> list[CheckMessage]:  # noqa: ARG002 - Django's signature
        return []


def joined(*fields: str) -> models.Expression:
    """Return the fields in lower case with spaces between, null as nothing; immutable, so that it can be indexed."""
    text: models.Expression | models.F = Coalesce(F(fields[0]), Value(""))
    for field in fields[1:]:
        text = Func(text, Value(" "), Coalesce(F(field), Value("")), template="(%(expressions)s)", arg_joiner=" || ")
    return Lower(text, output_field=models.TextField())
