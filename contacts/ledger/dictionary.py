"""The dictionary tables: kinds and subjects of events as small numbers. Read by everything that writes or reads events.

Numbers are never reused, so a process may remember them; it remembers only what is committed, and committed for good:
where outcomes are written with asynchronous commit, PostgreSQL may lose a number in a crash that a process remembers.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import ClassVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.errors import WrongEvent
from contacts.ledger.kinds import kind_of

type Subject = tuple[str, str]

LONGEST_SUBJECT = 200
_REMEMBERED = 50_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_KINDS_KNOWN = "SELECT key, id FROM ledger_kind WHERE key = ANY(%s)"
_KINDS_ADD = """
INSERT INTO ledger_kind (key) SELECT key FROM unnest(%s::text[]) AS k(key) ORDER BY key ON CONFLICT (key) DO NOTHING
"""
# For a transaction that adds a name: others see it only once it is on disk.
_FOR_GOOD = "SET LOCAL synchronous_commit = on"

_SUBJECTS_KNOWN = """
SELECT s.type, s.key, s.id FROM unnest(%s::text[], %s::text[]) AS w(type, key) JOIN ledger_subject s USING (type, key)
"""
_SUBJECTS_ADD = """
INSERT INTO ledger_subject (type, key)
SELECT type, key FROM unnest(%s::text[], %s::text[]) AS w(type, key) ORDER BY type, key
ON CONFLICT (type, key) DO NOTHING
"""


class _Memory[K]:
    """Numbers this process has seen committed, per database, the least used forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, K], int] = OrderedDict()

    def take(self, keys: Iterable[K]) -> tuple[dict[K, int], list[K]]:
        """Split `keys` into those remembered with their numbers, and the rest."""
        database = str(connection.settings_dict["NAME"])
        found = {key: number for key in keys if (number := self._known.get((database, key))) is not None}
        return found, [key for key in keys if key not in found]

    def keep(self, found: dict[K, int]) -> None:
        """Remember `found` once the running transaction is committed."""
        database = str(connection.settings_dict["NAME"])

        def remember() -> None:
            self._known.update({(database, key): number for key, number in found.items()})
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

        transaction.on_commit(remember)


class _Memories:
    kinds: ClassVar[_Memory[str]] = _Memory()
    subjects: ClassVar[_Memory[Subject]] = _Memory()


def kind_ids(keys: Iterable[str]) -> dict[str, int]:
    """Return the number of each registered kind, adding rows where needed. Raises UnknownKind."""
    wanted = dict.fromkeys(keys)
    found, missing = _Memories.kinds.take(wanted)
    if missing:
        for key in missing:
            kind_of(key)
        found |= _looked_up_kinds(missing)
    return found


def _looked_up_kinds(missing: list[str]) -> dict[str, int]:
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_KINDS_KNOWN, [missing])
        found: dict[str, int] = dict(cursor.fetchall())
        if len(found) < len(missing):
            cursor.execute(_FOR_GOOD)
            cursor.execute(_KINDS_ADD, [[key for key in missing if key not in found]])
            cursor.execute(_KINDS_KNOWN, [missing])
            found = dict(cursor.fetchall())
    _Memories.kinds.keep(found)
    return found


def subject_ids(subjects: Iterable[Subject]) -> dict[Subject, int]:
    """Return the number of each subject, given as (type, key), adding rows where needed. See check_subject."""
    wanted = dict.fromkeys(subjects)
    found, missing = _Memories.subjects.take(wanted)
    if missing:
        found |= _looked_up_subjects(missing)
    return found


def check_subject(subject: Subject) -> None:
    """Raise WrongEvent when `subject` cannot be stored."""
    kind, key = subject
    if not kind or not key or len(kind) + len(key) > LONGEST_SUBJECT or _UNSTORABLE.search(kind + key):
        raise WrongEvent(f"subject {subject!r}: type and key must be texts of 1 to {LONGEST_SUBJECT} characters in all")


def _looked_up_subjects(missing: Sequence[Subject]) -> dict[Subject, int]:
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        found = _known_subjects(cursor, missing)
        if len(found) < len(missing):
            new = [subject for subject in missing if subject not in found]
            cursor.execute(_FOR_GOOD)
            cursor.execute(_SUBJECTS_ADD, _columns(new))
            found |= _known_subjects(cursor, new)
    _Memories.subjects.keep(found)
    return found


def _known_subjects(cursor: CursorWrapper, wanted: Sequence[Subject]) -> dict[Subject, int]:
    cursor.execute(_SUBJECTS_KNOWN, _columns(wanted))
    return {(kind, key): number for kind, key, number in cursor.fetchall()}


def _columns(subjects: Sequence[Subject]) -> list[list[str]]:
    return [[kind for kind, _ in subjects], [key for _, key in subjects]]
