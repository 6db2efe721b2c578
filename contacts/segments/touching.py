"""Noting people to look at anew after a change that is no event of theirs, such as an edit of their account.

Called in the transaction of the change, by whoever makes it; changes with an event are noted by the follower.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.ledger.dictionary import kind_ids
from contacts.segments import index as segment_index
from contacts.segments import standing
from contacts.segments.follower import NOTING
from contacts.segments.models import Segment, SegmentState
from contacts.segments.wake import wake

_NOTE = "INSERT INTO contacts_segmenttouch (contact_id, kind_id) SELECT id, %s FROM ({people}) AS touched(id)"


@transaction.atomic
def touch(kind: str, people: str, params: list[Any]) -> None:
    """Have the people whom the SELECT `people` yields judged as if an event of `kind` had come.

    Nothing is written when no segment reads that kind. `people` is SQL of ours, never text of a user.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [NOTING])
        if kind in segment_index.current().by_kind:
            cursor.execute(_NOTE.format(people=people), [kind_ids([kind])[kind], *params])


@transaction.atomic
def rebuild_readers(kind: str, now: datetime) -> None:
    """Have all segments that read `kind` built anew, after a change of many people at once."""
    found = segment_index.current().by_kind.get(kind, frozenset())
    rows = Segment.objects.filter(pk__in=found).exclude(state=SegmentState.BROKEN).order_by("pk").select_for_update()
    for segment in rows:
        standing.queue_build(segment, now)
    if found:
        wake()
