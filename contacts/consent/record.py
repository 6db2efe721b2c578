"""Recording what people said about consent: proof and current state in one transaction.

Called by pages, forms, one-click opt-out, tracking and imports; `record` for one person, `record_set` for a query.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.consent.models import Channel, Decision, Purpose
from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids
from contacts.people.survivors import ALIVE

GRANTED, WITHDRAWN = "consent.granted", "consent.withdrawn"
# What a query given to record_set must select, by these names.
CLAIM_COLUMNS = (
    "contact_id, purpose, channel, decision, at, source, basis, wording, wording_version, ip_prefix, "
    "double_opt_in_at, recorded_by_id"
)
# The newest decision by `at` wins; of two at the same moment the refusal. An older claim is kept as proof alone.
_RECORD = """
WITH claim AS MATERIALIZED ({claims}),
{alive},
entry AS (
    INSERT INTO contacts_consententry ({columns}, recorded_at)
    SELECT a.id, purpose, channel, decision, least(at, %s), source, basis, wording, wording_version, ip_prefix,
           double_opt_in_at, recorded_by_id, %s
    FROM claim JOIN alive a ON a.claimed = claim.contact_id ORDER BY a.id, purpose, channel
    RETURNING id, contact_id, purpose, channel, decision, at, source
),
newest AS (
    SELECT DISTINCT ON (contact_id, purpose, channel) * FROM entry
    ORDER BY contact_id, purpose, channel, at DESC, decision DESC, id DESC
),
state AS (
    INSERT INTO contacts_consentstate AS held (contact_id, purpose, channel, decision, since, entry_id)
    SELECT contact_id, purpose, channel, decision, at, id FROM newest ORDER BY contact_id, purpose, channel
    ON CONFLICT (contact_id, purpose, channel) DO UPDATE
    SET decision = EXCLUDED.decision, since = EXCLUDED.since, entry_id = EXCLUDED.entry_id
    WHERE held.since < EXCLUDED.since OR (held.since = EXCLUDED.since AND EXCLUDED.decision = 'withdrawn')
    RETURNING entry_id
),
told AS (
    {insert_events}
    SELECT contact_id, CASE decision WHEN 'granted' THEN %s ELSE %s END, NULL, at, %s, NULL,
           jsonb_build_object('purpose', purpose, 'channel', channel, 'source', source, 'entry', id), NULL, 0
    FROM entry ORDER BY id
)
SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM state), (SELECT max(id) FROM entry)
"""
_MANY = (
    "SELECT person AS contact_id, %s AS purpose, %s AS channel, %s AS decision, %s::timestamptz AS at, "
    "%s AS source, %s AS basis, %s AS wording, %s AS wording_version, %s AS ip_prefix, "
    "%s::timestamptz AS double_opt_in_at, %s::bigint AS recorded_by_id FROM unnest(%s::bigint[]) AS person"
)


class WrongClaim(ValueError):
    """A statement cannot be recorded; the caller must correct it. Nothing was written."""


@dataclass(frozen=True)
class Proof:
    """Where a statement comes from. `source` is required; `basis` says on what ground, `wording` to which text."""

    source: str
    basis: str = ""
    wording: str = ""
    wording_version: str = ""
    ip_prefix: str = ""
    double_opt_in_at: datetime | None = None
    recorded_by_id: int | None = None


@dataclass(frozen=True)
class Recorded:
    """How many statements were kept, how many of them became the current state, and the id of the last one."""

    entries: int
    states: int
    entry_id: int | None


def record(
    contact_id: int, purpose: str, channel: str, decision: str, *, at: datetime, proof: Proof, now: datetime
) -> Recorded:
    """Keep what one person said at `at` (aware; later than `now` becomes `now`). Raises WrongClaim.

    A repeat adds a second proof and changes no state. `states` is 0 when a later statement already holds. It is kept
    at the record that lives on when this one was merged, also in this moment; of who was erased nothing is kept.
    """
    return record_many([contact_id], purpose, channel, decision, at=at, proof=proof, now=now)


def record_many(
    ids: Collection[int], purpose: str, channel: str, decision: str, *, at: datetime, proof: Proof, now: datetime
) -> Recorded:
    """Keep the same statement for each of these people, as `record` does for one. Raises WrongClaim."""
    _check(purpose, channel, decision, at, proof)
    values = [getattr(proof, field.name) for field in fields(Proof)]
    return record_set(_MANY, [purpose, channel, decision, at, *values, list(ids)], now=now)


def record_set(claims: str, params: list[Any], *, now: datetime) -> Recorded:
    """Keep every statement that the SELECT `claims` yields (CLAIM_COLUMNS), in the caller's transaction or its own.

    Each is one event in the ledger, at the time of the statement. `claims` is SQL of ours, never text of a user.
    """
    statement = _RECORD.format(claims=claims, columns=CLAIM_COLUMNS, insert_events=INSERT, alive=ALIVE)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        kinds = kind_ids([GRANTED, WITHDRAWN])
        cursor.execute(statement, [*params, now, now, kinds[GRANTED], kinds[WITHDRAWN], now])
        entries, states, last = cursor.fetchone()
    return Recorded(entries, states, last)


def _check(purpose: str, channel: str, decision: str, at: datetime, proof: Proof) -> None:
    for value, known in ((purpose, Purpose), (channel, Channel), (decision, Decision)):
        if value not in known.values:
            raise WrongClaim(f'"{value}" is none of {", ".join(known.values)}')
    if at.utcoffset() is None:
        raise WrongClaim(f"{at} has no time zone")
    if not proof.source:
        raise WrongClaim("a statement needs a source")
