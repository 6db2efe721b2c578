"""Acts on everybody in a segment, as work in ranges: tag, untag, put on a list, give an owner, move to a stage.

Apps above register theirs. Who is meant are the members, as far as the person who asked may see them, at the time of
each range.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.errors import Invalid
from contacts.lists import fixed, membership
from contacts.lists.models import FixedList, Tag
from contacts.people import ownership
from contacts.people.models import Contact
from contacts.segments.models import Membership, Segment, SegmentAct
from contacts.segments.queries import members_of
from contacts.segments.wake import wake
from contacts.stages.models import Stage
from contacts.stages.moving import move
from crm.kit.registry import Registry
from crm.kit.work import LostLease, WorkState
from crm.team.models import User
from crm.team.permissions import Action, may, require

log = logging.getLogger(__name__)

RANGE = 2_000  # people in a transaction: about 0.2 s with their events
type Clock = Callable[[], datetime]
type Doing = Callable[[Any, Sequence[int], User, datetime], int]


@dataclass(frozen=True)
class SegmentActKind:
    """One act: the permission it needs, among what its target is chosen, and how it is done to some people."""

    key: str
    label: Any  # lazily translated
    action: Action
    targets: Callable[[], Any]
    do: Doing
    nobody: bool = False  # whether "none" may be chosen as its target


def _tag(target: Tag, ids: Sequence[int], by: User, now: datetime) -> int:
    return membership.tag(target, ids, by=by, now=now)


def _untag(target: Tag, ids: Sequence[int], by: User, now: datetime) -> int:
    return membership.untag(target, ids, by=by, now=now)


def _list(target: FixedList, ids: Sequence[int], by: User, now: datetime) -> int:
    return membership.add(target, ids, by=by, now=now)


def _owner(target: User | None, ids: Sequence[int], by: User, now: datetime) -> int:
    return ownership.assign(ids, target, by=by, now=now)


def _stage(target: Stage, ids: Sequence[int], by: User, now: datetime) -> int:
    return move(ids, target, cause="person", by=by, now=now)


def _owners() -> Any:
    return User.objects.filter(is_active=True)


def _stages() -> Any:
    return Stage.objects.filter(model__in_use=True)


ACTS: Registry[SegmentActKind] = Registry("acts on segments", SegmentActKind, lambda kind: kind.key)
ACTS.register(
    SegmentActKind("tag", gettext_lazy("Add a tag"), Action.CONTACT_EDIT, Tag.objects.all, _tag),
    SegmentActKind("untag", gettext_lazy("Remove a tag"), Action.CONTACT_EDIT, Tag.objects.all, _untag),
    SegmentActKind("list", gettext_lazy("Add to a list"), Action.LIST_EDIT, FixedList.objects.all, _list),
    SegmentActKind("owner", gettext_lazy("Change the owner"), Action.CONTACT_ASSIGN, _owners, _owner, nobody=True),
    SegmentActKind("stage", gettext_lazy("Move to a stage"), Action.CONTACT_EDIT, _stages, _stage),
)


def start(segment: Segment, key: str, target_id: int | None, *, by: User, now: datetime) -> SegmentAct:
    """Queue an act on everybody in the segment whom `by` may see. Raises Invalid, PermissionDenied."""
    if key not in ACTS:
        raise Invalid({"act": _("Choose what to do with these people.")})
    kind = ACTS[key]
    require(by, kind.action)
    if _target(kind, target_id) is None and not (kind.nobody and target_id is None):
        raise Invalid({"target": _("Choose one.")})
    act = SegmentAct.objects.create(
        segment=segment, act=key, target=target_id, by=by, due_at=now, created_at=now,
        people=members_of(segment, by).count(),
    )  # fmt: skip
    wake()
    return act


def snapshot(segment: Segment, name: str, *, by: User, now: datetime) -> SegmentAct:
    """Make a fixed list of the people who are in the segment now. Raises Invalid, NameTaken, PermissionDenied."""
    require(by, Action.LIST_EDIT)
    with transaction.atomic():
        made = fixed.create(name, _("Taken from the segment “%(name)s”.") % {"name": segment.label}, by=by, now=now)
        return start(segment, "list", made.pk, by=by, now=now)


def cancel(act: SegmentAct, *, now: datetime) -> bool:
    """Stop an act; what was done stays. Return whether there was something to stop."""
    running = SegmentAct.objects.filter(pk=act.pk, state__in=[WorkState.READY, WorkState.LEASED])
    return bool(running.update(state=WorkState.CANCELLED, lease_until=None, finished_at=now))


def target_of(act: SegmentAct) -> Model | None:
    """Return the tag, list, owner or stage of an act; None when it is nobody, or was deleted."""
    return _target(ACTS[act.act], act.target)


def _target(kind: SegmentActKind, target_id: int | None) -> Model | None:
    found: Model | None = kind.targets().filter(pk=target_id).first() if target_id is not None else None
    return found


def run_due(clock: Clock) -> bool:
    """Claim one act that is due and do it; return whether there was one."""
    claimed = SegmentAct.claim(clock())
    if not claimed:
        return False
    (act,) = claimed
    try:
        while _range(act, clock()):
            pass
    except LostLease:
        log.info("act %s on a segment: taken over or cancelled", act.pk)
    except Exception as error:
        log.exception("act %s on a segment", act.pk)
        now = clock()
        act.try_again(error, now, finished_at=now)
    return True


def _range(act: SegmentAct, now: datetime) -> bool:
    """Do the next range in one transaction and return whether more may be to do."""
    kind = ACTS[act.act]
    target = _target(kind, act.target)
    if not may(act.by, kind.action) or (target is None and act.target is not None):
        act.fail(_("What was chosen, or the right to do this, is gone."), finished_at=now)
        return False
    with transaction.atomic():
        inside = Membership.objects.filter(segment=act.segment_id, left_at=None, contact__gt=act.upto)
        ids = list(inside.order_by("contact").values_list("contact", flat=True)[:RANGE])
        if not ids:
            act.finish(finished_at=now)
            return False
        meant = list(Contact.objects.visible_to(act.by).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        changed = kind.do(target, meant, act.by, now)
        act.renew(now, upto=ids[-1], seen=act.seen + len(meant), changed=act.changed + changed)
    return True
