"""Making, changing and deleting segments. A changed rule is a new version, ends a running build and queues another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid, NameTaken, StaleEdit
from contacts.lists.fixed import clean_name
from contacts.segments import standing, uses
from contacts.segments.errors import BadRule, Problem
from contacts.segments.models import Segment, SegmentBuild, SegmentState, SegmentVersion
from contacts.segments.naming import kept
from contacts.segments.rules.parsing import Path, parse
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.tree import Group, Node
from contacts.segments.uses import InUse
from contacts.segments.wake import wake
from crm.kit.text import ForbiddenCharacter, clean_text
from crm.kit.work import WorkState
from crm.team.models import User

_SAVING = 7_239  # advisory lock: two who save at once could make a cycle that neither sees
# Everything the segments of an array read, directly or through others.
_READ = """
WITH RECURSIVE read AS (
    SELECT id, reads FROM contacts_segment WHERE id = ANY(%s)
    UNION SELECT s.id, s.reads FROM contacts_segment s JOIN read r ON s.id = ANY(r.reads)
)
SELECT id FROM read
"""


@dataclass(frozen=True)
class Draft:
    """What a person writes: a name, a description, and the definition as JSON text or values."""

    name: str
    description: str
    definition: Any


@dataclass(frozen=True)
class _Clean:
    name: str
    description: str
    rule: Rule

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "definition": self.rule.stored(),
            "reads": sorted(self.rule.segments()),
        }


def create(draft: Draft, *, by: User | None, now: datetime) -> Segment:
    """Make a segment and have its members found. Raises Invalid, NameTaken, BadRule."""
    clean = _clean(draft)
    with transaction.atomic():
        _lock_saving()
        try:
            with transaction.atomic():
                segment = Segment.objects.create(**clean.columns, created_by=by, created_at=now, changed_at=now)
        except IntegrityError as error:
            raise NameTaken from error
        _note_version(segment, by, now)
        standing.queue_build(segment, now)
    wake()
    return Segment.objects.get(pk=segment.pk)


def save(segment_id: int, version: int, draft: Draft, *, by: User | None, now: datetime) -> Segment:
    """Change a segment that was read at `version`; only a changed rule has its members found anew.

    Raises Invalid, NameTaken, BadRule (also for a rule that would read itself), StaleEdit.
    """
    clean = _clean(draft)
    with transaction.atomic():
        _lock_saving()
        before = Segment.objects.select_for_update().get(pk=segment_id)
        if before.version != version:
            raise StaleEdit(before)
        _refuse_cycle(segment_id, clean.rule)
        try:
            with transaction.atomic():
                Segment.objects.filter(pk=segment_id).update(**clean.columns, version=version + 1, changed_at=now)
        except IntegrityError as error:
            raise NameTaken from error
        segment = Segment.objects.get(pk=segment_id)
        if segment.definition != before.definition or before.state == SegmentState.BROKEN:
            _note_version(segment, by, now)
            standing.queue_build(segment, now)
    wake()
    return Segment.objects.get(pk=segment_id)


def rebuild(segment: Segment, *, now: datetime) -> None:
    """Have the members found from scratch, whatever was before; a running build starts over."""
    with transaction.atomic():
        standing.queue_build(Segment.objects.select_for_update().get(pk=segment.pk), now)
    wake()


def stop_build(segment: Segment, *, now: datetime) -> bool:
    """Stop a running build and return whether there was one; the segment waits until it is built or changed."""
    running = SegmentBuild.objects.filter(segment=segment, state__in=[WorkState.READY, WorkState.LEASED])
    if not running.exists():
        return False
    problem = _("Counting was stopped by hand. Count anew to bring its people up to date.")
    standing.set_aside(segment.pk, problem, now, build=WorkState.CANCELLED)
    return True


def delete(segment: Segment) -> None:
    """Delete a segment nobody uses; its memberships go later, in ranges. Raises InUse that says where it is used."""
    with transaction.atomic():
        _lock_saving()
        found = uses.of(segment.pk)
        if found:
            raise InUse(found)
        Segment.objects.filter(pk=segment.pk).delete()


def _clean(draft: Draft) -> _Clean:
    try:
        description = clean_text(draft.description)
    except ForbiddenCharacter as error:
        raise Invalid({"description": _("Control characters are not allowed here.")}) from error
    return _Clean(kept(clean_name(draft.name, 120)), kept(description), parse(draft.definition))


def _lock_saving() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SAVING])


def _note_version(segment: Segment, by: User | None, now: datetime) -> None:
    SegmentVersion.objects.create(segment=segment, number=segment.version, definition=segment.definition, by=by, at=now)


def _refuse_cycle(segment_id: int, rule: Rule) -> None:
    """Raise BadRule, at each condition concerned, when the rule would read the segment itself, maybe through others."""
    wrong = {read for read in rule.segments() if segment_id in _read_by(read)}
    if wrong:
        message = _("This segment would read its own people: the chosen segment is built on it. Choose another one.")
        raise BadRule([Problem(path, message) for path in _places(rule.root, ("rule",), wrong)])


def _read_by(segment_id: int) -> set[int]:
    """Return the segment and all that it reads, directly or through others."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [[segment_id]])
        return {segment_id, *(read for (read,) in cursor.fetchall())}


def _places(node: Node, path: Path, wrong: set[int]) -> Iterator[Path]:
    if not isinstance(node, Group):
        if node.segments() & wrong:
            yield path
        return
    for place, child in enumerate(node.children):
        yield from _places(child, (*path, node.mode.value, place), wrong)
