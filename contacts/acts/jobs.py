"""Acts as work: started, done in ranges, stopped, undone in ranges. Called by pages, the API and tasks.

The people are those found when it is asked for, as far as its user may see them then and when their range comes.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.acts.models import UNDO_DAYS, ActStep, BulkAct, BulkActRow
from contacts.acts.verb import VERBS, Done, Gone, Verb
from contacts.errors import ContactsError
from contacts.ledger.giving_way import in_turn
from contacts.people.models import Contact
from contacts.people.selection import Selection
from contacts.segments.models import Segment
from crm.kit.pace import Pace
from crm.kit.work import WorkState
from crm.team.models import User
from crm.team.permissions import may, require

WIDTH, NARROWEST, WIDEST, SECONDS = 200, 50, 10_000, 0.3  # people in one transaction, and how long it may take
A_MOMENT = timedelta(seconds=1)
GATHERED = 20_000  # rows written in one transaction: some 0.1 s
_WORKING = (WorkState.READY, WorkState.LEASED)
_GATHER = """
INSERT INTO contacts_bulkactrow (act_id, contact_id) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING
"""
_CHANGED = """
UPDATE contacts_bulkactrow r SET at = %s, before = d.before
FROM unnest(%s::bigint[], %s::jsonb[]) AS d(contact_id, before) WHERE r.act_id = %s AND r.contact_id = d.contact_id
"""

type Clock = Callable[[], datetime]


class NotNow(ContactsError):
    """The act cannot be stopped or undone as it stands; nothing was changed."""


def start(key: str, selection: Selection, params: Mapping[str, Any], *, by: User, now: datetime) -> BulkAct:
    """Queue an act on everybody in the selection whom `by` may see. Raises PermissionDenied, BadFilter."""
    require(by, VERBS[key].action)
    selection.people(by)  # refuses what is not understood while somebody is there to read it
    return BulkAct.objects.create(
        verb=key, params=dict(params), query=selection.query, ticked=list(selection.ids), by=by, created_at=now,
        segment=_whole_segment(selection), due_at=now, undo_until=now + timedelta(days=UNDO_DAYS),
    )  # fmt: skip


def _whole_segment(selection: Selection) -> Segment | None:
    """Return the segment when everybody in it is meant, and nothing else is asked for."""
    asked = {key: values for key, values in QueryDict(selection.query).lists() if key not in ("sort", "cursor")}
    value = asked.get("segment", [""])[0]
    whole = not selection.ids and asked == {"segment": [value]} and value.isascii() and value.isdecimal()
    return Segment.objects.filter(pk=value).first() if whole and len(value) < 19 else None


def cancel(act: BulkAct, *, now: datetime) -> None:
    """Stop an act, or its undoing; what was done stays and can be undone. Raises NotNow when it has ended."""
    working = BulkAct.objects.filter(pk=act.pk, state__in=_WORKING)
    if not working.update(state=WorkState.CANCELLED, lease_until=None, finished_at=now):
        raise NotNow(_("This has ended already."))
    _tell_ended(act, now)


def undo(act: BulkAct, *, by: User, now: datetime) -> None:
    """Have everybody put back who has not changed since. Raises NotNow, PermissionDenied."""
    verb = VERBS[act.verb]
    require(by, verb.action)
    with transaction.atomic():
        row = BulkAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
        if verb.undo is None or not row.may_be_undone(now):
            raise NotNow(_("This cannot be undone any more, or was undone before."))
        again = row.step == ActStep.UNDOING  # stopped half-way: it goes on
        BulkAct.objects.filter(pk=act.pk).update(
            step=ActStep.UNDOING, state=WorkState.READY, due_at=now, attempts=0, finished_at=None, undone_by=by,
            position=F("position") if again else 0,
        )  # fmt: skip


def run_due(clock: Clock, *, seconds: float = 20.0, only: BulkAct | None = None) -> bool:
    """Claim an act that is due and work on it for about `seconds`; return whether there was one."""
    chosen = Q(pk=only.pk) if only else None
    return BulkAct.do_next(clock, lambda act: _work(act, clock, seconds), only=chosen, refused=(Gone,))


def _work(act: BulkAct, clock: Clock, seconds: float) -> None:
    try:
        _run(act, clock, clock() + timedelta(seconds=seconds))
    except Gone:
        _tell_ended(act, clock())
        raise


def _tell_ended(act: BulkAct, now: datetime) -> None:
    onward = VERBS[act.verb].onward
    if onward and act.params:
        onward.ended(act.params, now)


def _run(act: BulkAct, clock: Clock, until: datetime) -> None:
    verb = VERBS[act.verb]
    most = verb.onward.most if verb.onward else WIDEST
    pace = Pace(min(WIDTH, most), least=min(NARROWEST, most), most=most, seconds=SECONDS)
    if act.step == ActStep.GATHERING:
        _gather(act, clock)
    work = _undo_range if act.step == ActStep.UNDOING else _do_range
    more = True
    while more:
        with in_turn(pace) as width:
            more = work(act, verb, width, clock())
        if more and verb.onward and not verb.onward.carry(act.params, clock):
            act.retry(clock() + A_MOMENT, attempts=0)
            return
        if more and clock() >= until:
            act.retry(clock(), attempts=0)
            return
    act.finish(finished_at=clock())
    _tell_ended(act, clock())


def _gather(act: BulkAct, clock: Clock) -> None:
    """Note who is meant, in ranges; a repeat after a kill adds who is missing. Raises Gone, LostLease."""
    verb = VERBS[act.verb]
    if not act.params:
        raise Gone
    people = act.selection.people(act.by).order_by("pk").values_list("pk", flat=True)
    for ids in batched(people.iterator(chunk_size=GATHERED), GATHERED, strict=False):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_GATHER, [act.pk, list(ids)])
            act.renew(clock())
    found = act.rows.count()
    if verb.onward:
        verb.onward.fits(act.params, found)
    act.renew(clock(), step=ActStep.DOING, position=0, people=found)


def _do_range(act: BulkAct, verb: Verb, width: int, now: datetime) -> bool:
    """Do the next range in one transaction and return whether there was one. Raises Gone, LostLease."""
    if not may(act.by, verb.action) or not act.params:
        raise Gone
    ahead = act.rows.filter(contact_id__gt=act.position).order_by("contact_id")
    ids = list(ahead.values_list("contact_id", flat=True)[:width])
    if not ids:
        return False
    with transaction.atomic():
        meant = list(Contact.objects.visible_to(act.by).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        before = verb.do(act.params, meant, act.by, now)
        _note(act, before, now)
        act.renew(now, position=ids[-1], seen=act.seen + len(ids), changed=act.changed + len(before))
    return True


def _note(act: BulkAct, before: Mapping[int, Any], now: datetime) -> None:
    with connection.cursor() as cursor:
        held = [json.dumps(value, ensure_ascii=False) for value in before.values()]
        cursor.execute(_CHANGED, [now, list(before), held, act.pk])


def _undo_range(act: BulkAct, verb: Verb, width: int, now: datetime) -> bool:
    """Put the next range back in one transaction and return whether there was one. Raises Gone, LostLease."""
    by = act.undone_by
    if by is None or verb.undo is None or not may(by, verb.action) or not act.params:
        raise Gone
    ahead = act.rows.filter(contact_id__gt=act.position, before__isnull=False).order_by("contact_id")
    rows = [Done(row.contact_id, row.before, row.at) for row in ahead[:width] if row.at]
    if not rows:
        return False
    with transaction.atomic():
        back = verb.undo(act.params, _visible(rows, by), by, now)
        BulkActRow.objects.filter(act=act, contact_id__in=back).update(before=None)
        kept = act.kept + len(rows) - len(back)
        act.renew(now, position=rows[-1].contact_id, undone=act.undone + len(back), kept=kept)
    return True


def _visible(rows: Sequence[Done], by: User) -> list[Done]:
    ids = {row.contact_id for row in rows}
    seen: Collection[int] = set(Contact.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    return [row for row in rows if row.contact_id in seen]


def forget(now: datetime) -> int:
    """Forget what people were before acts that cannot be undone any more; return how many rows went. In ranges."""
    gone = 0
    while True:
        old = BulkActRow.objects.filter(act__undo_until__lt=now).values("act_id", "contact_id")[:GATHERED]
        with connection.cursor() as cursor:
            sql, params = old.query.sql_with_params()
            cursor.execute(f"DELETE FROM contacts_bulkactrow WHERE (act_id, contact_id) IN ({sql})", params)  # noqa: S608 - the ORM's own text
            gone += int(cursor.rowcount)
            if cursor.rowcount < GATHERED:
                return gone
