"""Changing how often one person is written to. Of two people who save at once the second is told."""

from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.sending.models import FrequencyCap
from campaigns.sending.reservations import cap


class StaleCap(Exception):
    """Somebody else changed the cap since it was read; nothing was written."""


def set_cap(sends: int, days: int, *, version: int) -> None:
    """Let a person get at most `sends` advertising mails in `days` days; `version` is that of the cap that was read.

    A `version` of 0 says that there was none. Raises StaleCap.
    """
    if version:
        changed = FrequencyCap.objects.filter(version=version).update(sends=sends, days=days, version=F("version") + 1)
        if not changed:
            raise StaleCap
        return
    try:
        with transaction.atomic():
            FrequencyCap.objects.create(sends=sends, days=days)
    except IntegrityError as error:
        raise StaleCap from error


def lift_cap(*, version: int) -> None:
    """Let people get any number of mails. Raises StaleCap; harmless when there is no cap and there was none."""
    if FrequencyCap.objects.filter(version=version).delete()[0]:
        return
    if version or cap() is not None:
        raise StaleCap
