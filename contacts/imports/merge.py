"""Merging one range of staged rows into the contacts, by set statements in the caller's transaction.

Each step is one statement over the range; nothing here loops over people. Ranges are sized so that a transaction stays
well under a second (an open writer holds every follower of the ledger up).
"""

import json
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.consent.record import record_set
from contacts.imports import matching, statements
from contacts.imports.columns import TEXTS
from contacts.imports.models import ImportJob, ImportRange
from contacts.imports.plan import Plan, Policy
from contacts.imports.stage import table_of
from contacts.ledger.append import INSERT, properties_json
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.segments.touching import touch

ONE_AT_A_TIME = 0x57414601  # advisory lock: two imports must not make the same account at once


@dataclass(frozen=True)
class Merged:
    """How many people of a range were new, changed, and neither."""

    new: int
    changed: int
    unchanged: int


def prepare() -> None:
    """Make this connection ready for merging; call it outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statements.RANGE)


def merge(job: ImportJob, plan: Plan, after: int, upto: int, now: datetime) -> Merged:
    """Merge the staged rows of lines after..upto, in the caller's transaction.

    Raises IntegrityError when another writer made one of these people meanwhile: roll back and try again.
    """
    with connection.cursor() as cursor:
        step = _Range(cursor, job, plan, now)
        if plan.has_accounts:
            step.accounts(after, upto)
        step.exclude(after, upto)
        if not plan.makes_people:
            step.note(upto)
            return step.excluded_rows(after, upto)
        rows = step.match(after, upto)
        new, changed = step.insert(), step.update()
        step.tell()
        step.consents()
        step.lists()
        if plan.has_tags:
            step.tags()
        step.note(upto)
    return Merged(new, changed, rows - new - changed)


class _Range:
    """The statements of one range, in the order in which they must run."""

    def __init__(self, cursor: CursorWrapper, job: ImportJob, plan: Plan, now: datetime) -> None:
        self._cursor, self._job, self._plan, self._now = cursor, job, plan, now
        self._table = table_of(job)
        self._subject = _subject("import", job.pk)
        self._before: list[Any] = []
        self._joined: list[int] = []
        self._worn: list[list[int]] = []
        self._excluded: list[str] = []

    def _run(self, statement: str, bound: dict[str, Any], **names: str) -> int:
        sql = statement.format(table=self._table, insert_events=INSERT, **names)
        self._cursor.execute(sql, {"now": self._now, "subject": self._subject, **bound})
        return int(self._cursor.rowcount)

    def accounts(self, after: int, upto: int) -> None:
        """Make the accounts that the range names and nobody has."""
        self._cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        lines = {"after": after, "upto": upto}
        if "business_number" in self._plan.columns:
            self._run(statements.NUMBERED_ACCOUNTS, lines)
        if "company" in self._plan.columns:
            self._run(statements.NAMED_ACCOUNTS, lines)

    def exclude(self, after: int, upto: int) -> None:
        """Leave the mailboxes out of which the rows say so; the first reason stays."""
        if not self._plan.excludes:
            return
        self._run(statements.EXCLUDE, {"after": after, "upto": upto, "detail": self._job.file_name[:200]})
        self._excluded = [key for (key,) in self._cursor.fetchall()]
        if self._excluded:
            kind = {"kind": _kind("address.excluded"), "keys": self._excluded, "why": self._job.file_name[:200]}
            self._run(statements.TELL_EXCLUDED, kind)

    def excluded_rows(self, after: int, upto: int) -> Merged:
        """Return how many mailboxes of the range are newly left out, and how many were before."""
        self._cursor.execute(statements.ROWS.format(table=self._table), {"after": after, "upto": upto})
        rows = int(self._cursor.fetchone()[0])
        return Merged(len(self._excluded), 0, rows - len(self._excluded))

    def note(self, upto: int) -> None:
        """Keep what the range did, so that the import can be undone."""
        made, known = self._whom() if self._plan.makes_people else ([], [])
        ImportRange.objects.create(
            job=self._job, upto=upto, at=self._now, made=made, known=known, before=self._before,
            joined=self._joined, worn=self._worn, excluded=self._excluded,
        )  # fmt: skip

    def _whom(self) -> tuple[list[int], list[int]]:
        self._cursor.execute(statements.WHOM)
        made, known = self._cursor.fetchone()
        return made or [], known or []

    def match(self, after: int, upto: int) -> int:
        """Note for each row whom it is about, with an id for those who are new; return the number of rows."""
        account, account_id = (
            (matching.ACCOUNT, matching.ACCOUNT_ID) if self._plan.has_accounts else ("", "NULL::bigint")
        )
        lines = {"after": after, "upto": upto}
        self._cursor.execute("DELETE FROM import_range")  # rows of a range before, within one transaction
        return self._run(statements.MATCH, lines, known=matching.KNOWN, account=account, account_id=account_id)

    def insert(self) -> int:
        """Insert the new people and return how many."""
        empty = {"source": "'import'"}
        values = ", ".join(f"coalesce(s.{name}, {empty.get(name, "''")})" for name in TEXTS)
        return self._run(statements.INSERT_PEOPLE, {}, texts=", ".join(TEXTS), values=values)

    def update(self) -> int:
        """Change the known people as the policy says, tell the ledger which fields, and return how many."""
        plan = self._plan
        if not plan.changing:
            return 0
        left = self._left_accounts()
        sets = [f"{column} = {matching.taken(plan, column)}" for column in plan.changing]
        if plan.has_accounts:
            sets.append(f"account_id = {matching.account_taken(plan)}")
        names = [f"CASE WHEN old.{name} IS DISTINCT FROM new.{name} THEN '{name}' END" for name in plan.changing]
        changed = self._run(
            statements.UPDATE_PEOPLE,
            {"kind": _kind("contact.updated")},
            sets=", ".join(sets),
            differs=matching.differs(plan),
            names=", ".join(names),
            was=" || ".join(statements.WAS.format(name=name) for name in [*plan.changing, "account_id"]),
        )
        if changed:
            self._before = [json.loads(was) if isinstance(was, str) else was for (was,) in self._cursor.fetchall()]
        if left:
            touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = ANY(%s)", [left])
        return changed

    def _left_accounts(self) -> list[int]:
        """Return the accounts that people of the range leave for another."""
        if not self._plan.has_accounts or self._plan.policy_of("company") not in (Policy.OVERWRITE, Policy.NEWEST):
            return []
        self._cursor.execute(statements.LEFT_ACCOUNTS)
        return [account for (account,) in self._cursor.fetchall()]

    def tell(self) -> None:
        """Tell the ledger who was imported, and who was created by it."""
        kinds = {"created": _kind("contact.created"), "imported": _kind("contact.imported")}
        self._run(statements.TELL, {**kinds, "facts": properties_json({"file": self._job.file_name})})

    def consents(self) -> None:
        """Record what the file says people agreed to or refused.

        A refusal counts from its date, else from now; a yes from its date, else from the day given for all. A yes never
        lifts a refusal that is as new, and none is taken for a mailbox that must get nothing.
        """
        plan = self._plan
        if not plan.consents:
            return
        zone = ZoneInfo(self._job.time_zone)
        agreed = datetime.combine(plan.agreed_on, time(), zone) if plan.agreed_on else None
        claims = [self._claim(place, *(field.consent or ("", ""))) for place, field in enumerate(plan.consents, 1)]
        values = [agreed, self._now, plan.basis, plan.wording, self._job.created_by_id] * len(claims)
        record_set(" UNION ALL ".join(claims), values, now=self._now)

    def _claim(self, place: int, purpose: str, channel: str) -> str:
        blocked = "r.suppressed" if channel == "email" else "false"
        return statements.CLAIM.format(
            table=self._table, purpose=purpose, channel=channel, place=place, blocked=blocked
        )

    def lists(self) -> None:
        """Put everybody of the range on the chosen list."""
        if (number := self._plan.list_id) is not None:
            values = {"list": number, "kind": _kind("list.joined"), "subject": _subject("list", number)}
            self._run(statements.JOIN_LIST, values)
            self._joined = [contact for (contact,) in self._cursor.fetchall()]

    def tags(self) -> None:
        """Tag everybody with the chosen tags and those of the row."""
        chosen = {"tags": list(self._plan.tags)}
        worn = statements.WORN.format(table=self._table)
        self._run(statements.NEW_TAGS, chosen, worn=worn)
        self._run(statements.TAGS, chosen, worn=worn)
        numbers = sorted(number for (number,) in self._cursor.fetchall())
        subjects = [_subject("tag", number) for number in numbers]
        values = {**chosen, "numbers": numbers, "subjects": subjects, "kind": _kind("tag.added")}
        self._run(statements.WEAR_TAGS, values, worn=worn)
        by_subject = dict(zip(subjects, numbers, strict=True))
        self._worn = [[by_subject[subject], contact] for subject, contact in self._cursor.fetchall()]


def _kind(key: str) -> int:
    return kind_ids([key])[key]


def _subject(noun: str, number: int) -> int:
    subject = (noun, str(number))
    return subject_ids([subject])[subject]
