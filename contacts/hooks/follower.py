"""The follower `hooks`: notes which events go to which webhook, in one statement for each webhook that is concerned."""

from django.db.backends.utils import CursorWrapper

from contacts.hooks import offered
from contacts.hooks.models import Hook, HookState
from contacts.hooks.wake import wake
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.ledger.kinds import KINDS
from contacts.people.models import Contact

_NOTE = """
INSERT INTO contacts_hookevent
    (hook_id, event_id, contact_id, kind, occurred_at, noted_at, subject_type, subject_key, value, properties)
SELECT %s, e.id, e.contact_id, k.key, e.occurred_at, %s, s.type, s.key, e.value, e.properties
FROM {rows} AS e JOIN ledger_kind k ON k.id = e.kind_id LEFT JOIN ledger_subject s ON s.id = e.subject_id
WHERE e.kind_id = ANY(%s) AND e.recorded_at >= %s AND e.contact_id IN ({people})
ORDER BY e.tx, e.id ON CONFLICT (hook_id, event_id) DO NOTHING
"""


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Note the events for every webhook that is not switched off; a paused one gets them when it goes on."""
    urgent = False
    for hook in Hook.objects.exclude(state=HookState.OFF).select_related("owner").order_by("pk"):
        numbers = [
            number
            for number in kind_ids(kind for kind in hook.kinds if kind in KINDS).values()
            if number in batch.counts
        ]
        if numbers:
            noted = _note(cursor, batch, hook, numbers)
            urgent |= noted > 0 and not hook.batched  # what is sent in company waits for the sweep
    if urgent:
        wake()


def _note(cursor: CursorWrapper, batch: Batch, hook: Hook, numbers: list[int]) -> int:
    people = Contact.objects.visible_to(hook.owner)
    if hook.segment_id:
        people = people.filter(memberships__segment_id=hook.segment_id, memberships__left_at=None)
    if people.query.is_empty():  # its owner may see nobody
        return 0
    inner, params = people.values("pk").query.sql_with_params()
    statement = _NOTE.format(rows=batch.rows, people=inner)
    cursor.execute(statement, [hook.pk, batch.now, numbers, hook.since, *params])
    return int(cursor.rowcount)


HOOKS = Follower("hooks", apply, kinds=offered.keys)
