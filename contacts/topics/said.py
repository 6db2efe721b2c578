"""Recording what people said about topics: proof, current state and event in one transaction.

Called by the preference page, the opt-in page, a colleague, the API, imports and acts; the consent to marketing itself
is contacts/consent. A topic only narrows it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.consent.record import Proof, WrongClaim
from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.people.survivors import ALIVE, locked_survivor
from contacts.topics.models import TopicState
from contacts.topics.queries import open_to_choice
from contacts.topics.ticks import Ticks

WANTED, REFUSED = "topic.wanted", "topic.refused"
SUBJECT = "topic"
# What a query given to record_set must select, by these names.
CLAIM_COLUMNS = "contact_id, topic_id, wanted, at, source, basis, wording, ip_prefix, recorded_by_id"
# The newest word by `at` wins; of two at the same moment the refusal. An older claim is kept as proof alone.
_RECORD = """
WITH claim AS MATERIALIZED ({claims}),
{alive},
entry AS (
    INSERT INTO contacts_topicentry ({columns}, recorded_at)
    SELECT a.id, topic_id, wanted, least(at, %s), source, basis, wording, ip_prefix, recorded_by_id, %s
    FROM claim JOIN alive a ON a.claimed = claim.contact_id ORDER BY a.id, topic_id
    RETURNING id, contact_id, topic_id, wanted, at, source
),
newest AS (
    SELECT DISTINCT ON (contact_id, topic_id) * FROM entry ORDER BY contact_id, topic_id, at DESC, wanted, id DESC
),
state AS (
    INSERT INTO contacts_topicstate AS held (contact_id, topic_id, wanted, since, entry_id)
    SELECT contact_id, topic_id, wanted, at, id FROM newest ORDER BY contact_id, topic_id
    ON CONFLICT (contact_id, topic_id) DO UPDATE
    SET wanted = EXCLUDED.wanted, since = EXCLUDED.since, entry_id = EXCLUDED.entry_id
    WHERE held.since < EXCLUDED.since OR (held.since = EXCLUDED.since AND NOT EXCLUDED.wanted)
    RETURNING entry_id
),
told AS (
    {insert_events}
    SELECT e.contact_id, CASE WHEN e.wanted THEN %s ELSE %s END, s.subject_id, e.at, %s, NULL,
           jsonb_build_object('topic', t.id, 'name', t.name, 'name_ko', t.name_ko, 'source', e.source, 'entry', e.id),
           NULL, 0
    FROM entry e JOIN contacts_topic t ON t.id = e.topic_id
    JOIN unnest(%s::bigint[], %s::bigint[]) AS s(topic_id, subject_id) ON s.topic_id = e.topic_id
    ORDER BY e.id
)
SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM state)
"""
_MANY = (
    "SELECT person AS contact_id, topic AS topic_id, wanted, %s::timestamptz AS at, %s AS source, %s AS basis, "
    "%s AS wording, %s AS ip_prefix, %s::bigint AS recorded_by_id "
    "FROM unnest(%s::bigint[]) AS person, unnest(%s::bigint[], %s::boolean[]) AS said(topic, wanted)"
)


@dataclass(frozen=True)
class Recorded:
    """How many statements were kept, and how many of them became the current state."""

    entries: int
    states: int


def record(people: Collection[int], said: Mapping[int, bool], *, at: datetime, proof: Proof, now: datetime) -> Recorded:
    """Keep what each of these people said (wanted or not, by id of the topic) at `at`. Raises WrongClaim.

    `at` is aware; later than `now` becomes `now`. A repeat adds a second proof and changes no state. It is kept at the
    record that lives on when one of these was merged, also in this moment; of who was erased nothing is kept.
    """
    if at.utcoffset() is None:
        raise WrongClaim(f"{at} has no time zone")
    if not proof.source:
        raise WrongClaim("a statement needs a source")
    values = [at, proof.source, proof.basis, proof.wording, proof.ip_prefix, proof.recorded_by_id]
    return record_set(_MANY, [*values, list(people), list(said), list(said.values())], said, now=now)


def record_set(claims: str, params: list[Any], topics: Collection[int], *, now: datetime) -> Recorded:
    """Keep every statement that the SELECT `claims` yields (CLAIM_COLUMNS); `topics` are all that it may name.

    Each is one event in the ledger, at the time of the statement. `claims` is SQL of ours, never text of a user.
    """
    statement = _RECORD.format(claims=claims, columns=CLAIM_COLUMNS, insert_events=INSERT, alive=ALIVE)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        kinds = kind_ids([WANTED, REFUSED])
        numbers = subject_ids([(SUBJECT, str(topic)) for topic in topics])
        pairs = [list(topics), [numbers[SUBJECT, str(topic)] for topic in topics]]
        cursor.execute(statement, [*params, now, now, kinds[WANTED], kinds[REFUSED], now, *pairs])
        entries, states = cursor.fetchone()
    return Recorded(entries, states)


@transaction.atomic
def choose(contact_id: int, said: Mapping[int, bool], *, at: datetime, proof: Proof, now: datetime) -> Recorded:
    """Keep what a person chose (wanted or not, by id of the topic), as `record` does, where it changes what holds.

    What she never spoke of counts as wanted, so that wanting it says nothing new.
    """
    person = locked_survivor(contact_id) if said else None
    if person is None:
        return Recorded(0, 0)
    held = refused_by(person)
    news = {topic: wanted for topic, wanted in said.items() if wanted == (topic in held)}
    return record([person], news, at=at, proof=proof, now=now) if news else Recorded(0, 0)


def choose_ticked(contact_id: int, ticks: Ticks, *, source: str, ip_prefix: str, now: datetime) -> Recorded:
    """Keep what a person changed on a page of hers that had ticks beside topics; see `choose`."""
    topics = list(open_to_choice(contact_id))
    proof = Proof(source=source, wording=ticks.wording(topics), ip_prefix=ip_prefix)
    return choose(contact_id, ticks.changes(topics), at=now, proof=proof, now=now)


def refused_by(contact_id: int) -> set[int]:
    """Return the ids of the topics that a person refuses."""
    return set(TopicState.objects.filter(contact=contact_id, wanted=False).values_list("topic_id", flat=True))
