"""Freezing an audience through the real path: reasons, twins, caps, ordinals by provider, chunks, ranges of 50,000.

Reference: the same rows, ordinals by provider and reasons too, by one INSERT … SELECT by hand into the same table with
the same indexes; without ranges, twins, chunks and the lock of the dispatch. That both wrote the same is checked. Told
beside it: the barest statement, which knows of nobody left out and of no providers.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from bench.broker import broker
from bench.harness import Bench, interleaved, timed
from bench.send import _CONSENT, _PEOPLE, _campaign, _chosen

if TYPE_CHECKING:
    from campaigns.sending.models import Dispatch

SIZES = {"people": (200_000, 1_000_000)}
_BY_HAND = """
INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
SELECT %(dispatch)s, id, 0, CASE WHEN reason = '' THEN row_number() OVER (ORDER BY place) END, coalesce(email, ''),
    reason
FROM (
    SELECT id, email, reason, CASE WHEN reason = '' THEN
        (hashtext(split_part(email, '@', 2))::bigint << 40) | id END AS place
    FROM (
        SELECT c.id, c.email,
            CASE WHEN c.email IS NULL THEN 'no_address'
                 WHEN s.id IS NOT NULL THEN 'suppressed'
                 WHEN k.decision = 'withdrawn' THEN 'withdrawn'
                 WHEN k.decision IS DISTINCT FROM 'granted' THEN 'no_consent'
                 WHEN cardinality(t.times) >= 100 AND (
                    SELECT count(*) FROM unnest(t.times) AS u WHERE u > now() - interval '7 days') >= 100 THEN 'capped'
                 ELSE '' END AS reason
        FROM contacts_listmember l JOIN contacts_contact c ON c.id = l.contact_id AND c.merged_into_id IS NULL
        LEFT JOIN contacts_suppression s ON s.email_key = c.email_key
        LEFT JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'
        LEFT JOIN contact_send_state t ON t.contact_id = c.id
        WHERE l.fixed_list_id = %(list)s
    ) AS judged
) AS placed
"""
_BARE = """
INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
SELECT %(dispatch)s, c.id, 0, row_number() OVER (ORDER BY c.id), c.email, ''
FROM contacts_listmember l JOIN contacts_contact c ON c.id = l.contact_id
JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'
WHERE l.fixed_list_id = %(list)s AND k.decision = 'granted'
"""
# Everybody was mailed of late. Of a hundred people two have refused, one is excluded, one has reached the cap.
_LEFT_OUT = """
INSERT INTO contact_send_state (contact_id, message_ids, times)
SELECT id, array_fill(0::bigint, ARRAY[n]), array_fill(now(), ARRAY[n])
FROM contacts_contact, LATERAL (SELECT CASE WHEN id % 100 = 4 THEN 100 ELSE 1 END AS n) AS sends;
UPDATE contacts_consentstate SET decision = 'withdrawn' WHERE purpose = 'marketing' AND contact_id % 50 = 1;
INSERT INTO contacts_suppression (email_key, reason, at, detail)
SELECT email_key, 'hard_bounce', now(), '' FROM contacts_contact WHERE id % 100 = 2
"""
_WROTE = """
SELECT count(*), count(ordinal), max(ordinal), md5(string_agg(contact_id || left_out, ',' ORDER BY contact_id))
FROM campaigns_message
"""
LONGEST = 1.0  # seconds a transaction may last


def run(bench: Bench) -> None:
    """Freeze and insert in turns; every round has a dispatch of its own and leaves no row behind."""
    from crm.kit.clock import now

    with broker(), psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_PEOPLE, [bench.size("people")])
        database.execute(_CONSENT)
        chosen = _chosen(now())
        database.execute(_LEFT_OUT)
        database.execute("VACUUM ANALYZE")
        rounds = _Rounds(bench, database, _campaign(chosen, conditional=False), chosen["list"])
        found = interleaved(rounds.frozen, lambda: rounds.by_hand(_BY_HAND))
        bench.check(len(rounds.wrote) == 1, f"freeze and reference wrote different rows: {rounds.wrote}")
        bare = interleaved(rounds.frozen, lambda: rounds.by_hand(_BARE))
    for name, measured, least, what in (
        ("launch", found, 0.7, "the same rows by one INSERT … SELECT by hand"),
        ("launch to bare", bare, None, "one INSERT … SELECT without reasons and providers; tells, is no target"),
    ):
        bench.record(
            name,
            measured.figure,
            "people/s",
            reference=measured.reference,
            ratio=measured.ratio,
            at_least=least,
            how=f"{bench.size('people')} people, {what}, same indexes, median of 3",
        )
    bench.record("launch longest", max(rounds.longest), "s", at_most=LONGEST, how="longest transaction of a freeze")


@dataclass
class _Rounds:
    """Freezes and statements by hand, each on empty tables and with a dispatch of its own."""

    bench: Bench
    database: psycopg.Connection
    make: Callable
    fixed_list: int
    longest: list[float] = field(default_factory=list)  # seconds of each transaction of a freeze
    wrote: set[tuple] = field(default_factory=set)  # what each round wrote, but for the order of providers

    def frozen(self) -> float:
        """Return the people a second of a freeze."""
        from campaigns.campaign import freeze
        from crm.kit.clock import now

        dispatch = self._launched()
        stepped = freeze.step

        def timed_step(*arguments: object) -> tuple[bool, bool]:
            started = time.perf_counter()
            try:
                return stepped(*arguments)
            finally:
                self.longest.append(time.perf_counter() - started)

        freeze.step = timed_step
        try:
            took = timed(lambda: freeze.freeze(dispatch.pk, now))
        finally:
            freeze.step = stepped
        _check_frozen(self.bench, dispatch)
        self._keep()
        return self.bench.size("people") / took

    def by_hand(self, statement: str) -> float:
        """Return the people a second of one statement."""
        dispatch = self._launched()
        given = {"dispatch": dispatch.pk, "list": self.fixed_list}
        took = timed(lambda: self.database.execute(statement, given))
        if statement == _BY_HAND:
            self._keep()
        dispatch.state = "cancelled"
        dispatch.save(update_fields=["state"])
        self._clear()
        return self.bench.size("people") / took

    def _launched(self) -> "Dispatch":
        from campaigns.campaign import launch
        from crm.kit.clock import now

        return launch.launch(self.make().pk, by=None, now=now())

    def _keep(self) -> None:
        row = self.database.execute(_WROTE).fetchone()
        self.wrote.add(tuple(row or ()))
        self._clear()

    def _clear(self) -> None:
        """Empty what a round wrote, so that all rounds fill empty tables."""
        self.database.execute("TRUNCATE campaigns_message, campaigns_chunk, campaigns_retry")


def _check_frozen(bench: Bench, dispatch: "Dispatch") -> None:
    """Find a message for everybody, and each that is to be sent in exactly one chunk."""
    from campaigns.sending.models import Chunk, Message

    dispatch.refresh_from_db()
    chunks = Chunk.objects.filter(dispatch=dispatch).values_list("first", "last")
    covered = sum(last - first + 1 for first, last in chunks)
    to_send = Message.objects.filter(dispatch=dispatch, left_out="").count()
    bench.check(dispatch.size == to_send == covered, f"{(dispatch.size, to_send, covered)} to send")
    found = Message.objects.filter(dispatch=dispatch).count()
    bench.check(found == bench.size("people"), f"{found} of {bench.size('people')}")
