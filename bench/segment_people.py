"""People and a year of their events for the bench of segments, written by SQL, with what followers keep of them.

The numbers are those of the prototype in docs/segments.md: ten events a person; kinds by share; cities, plans, scores.
"""

import psycopg

from bench.unindexed import unindexed

CITIES = ["Seoul", "Busan", "Incheon", "Daegu", "Daejeon", "Gwangju", "Ulsan", "Suwon", "Jeju", "Sejong"]
# Shares of 100 events; a kind's events lie anywhere in the last 365 days, recent ones a little more often.
KINDS = {
    "mail.opened": 40,
    "mail.clicked": 10,
    "page.viewed": 40,
    "cart.updated": 4,
    "order.placed": 6,
}
_PEOPLE = """
INSERT INTO contacts_contact (email, email_key, name, phone, title, company, language, time_zone, country, region, city,
    postcode, street, source, attributes, created_at, stage_id, stage_since, version)
SELECT 'p' || n || '@example.com', 'k' || n, 'Person ' || n, '', '', '', 'ko', '', 'KR', '',
    (%(cities)s::text[])[1 + (n * 7) %% 10 * (n %% 3 <> 0)::int], '', '', 'bench',
    jsonb_build_object('plan', CASE n %% 10 WHEN 0 THEN 'pro' ELSE 'free' END, 'age', 18 + n * 13 %% 60,
        'saved', to_jsonb((%(cities)s::text[])[1 + n %% 7:1 + n %% 7 + n %% 3])),
    %(now)s::timestamptz - make_interval(secs => (n * 7919::bigint) %% (400 * 86400)),
    s.ids[1 + n %% cardinality(s.ids)],
    %(now)s::timestamptz - interval '10 days', 1
FROM generate_series(1, %(people)s) AS n, (SELECT array_agg(id ORDER BY id) AS ids FROM contacts_stage) AS s
"""
# Hashes stand for chance, so that every run has the same people.
_EVENTS = """
INSERT INTO event (contact_id, kind_id, subject_id, occurred_at, recorded_at, value, properties)
SELECT contact, kind, subject, at, at, value, properties FROM (
    SELECT 1 + (hashint8(n) & 2147483647) %% %(people)s AS contact,
        (%(kinds)s::smallint[])[1 + (hashint8(n + 1) & 2147483647) %% 100] AS kind,
        (%(dispatches)s::bigint[])[1 + (hashint8(n + 2) & 2147483647) %% 40] AS dispatch,
        %(now)s::timestamptz - interval '365 days'
            * power(((hashint8(n + 3) & 2147483647) %% 1000000 + 1) / 1000001::float8, 1.15) AS at,
        (hashint8(n + 4) & 2147483647) %% 200 AS chance
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
) AS raw CROSS JOIN LATERAL (
    SELECT CASE WHEN kind = ANY(%(mails)s::smallint[]) THEN dispatch END AS subject,
        CASE WHEN kind = %(order)s THEN 10 + chance END AS value,
        CASE WHEN kind = %(page)s THEN jsonb_build_object('path',
            CASE WHEN chance < 10 THEN '/pricing' ELSE '/page/' || chance END) ELSE '{}' END AS properties
) AS made
"""
_STATES = """
INSERT INTO contact_state (kind_id, contact_id, n, total, first_at, last_at, last_times)
SELECT kind_id, contact_id, count(*), coalesce(sum(value), 0), min(occurred_at), max(occurred_at),
       (array_agg(occurred_at ORDER BY occurred_at DESC))[1:5]
FROM event GROUP BY kind_id, contact_id
"""
_SUBJECTS = """
INSERT INTO subject_state (kind_id, subject_id, contact_id, n, total, first_at, last_at)
SELECT kind_id, subject_id, contact_id, count(*), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)
FROM event WHERE subject_id IS NOT NULL GROUP BY kind_id, subject_id, contact_id
ORDER BY kind_id, subject_id, contact_id
"""
_SEEN = """
INSERT INTO contact_seen (contact_id, last_seen_at) SELECT contact_id, max(last_at) FROM contact_state GROUP BY 1
"""
_SCORES = """
INSERT INTO contacts_score (model_id, contact_id, total, last_at)
SELECT m.id, s.contact_id, ((hashint8(s.contact_id) & 2147483647) %% 120000) / 1000.0
    * 2 ^ (extract(epoch FROM %(now)s::timestamptz - m.anchor)::float8 / 86400 / m.half_life), s.last_seen_at
FROM contact_seen s, (SELECT * FROM contacts_scoremodel ORDER BY id LIMIT 1) AS m
"""
# The followers go on from here: all of this is followed.
FOLLOWED = """
UPDATE ledger_lane SET (tx, event_id) = (SELECT tx, id FROM event ORDER BY tx DESC, id DESC LIMIT 1)
"""
_CHUNK = 1_000_000
_ANALYSED = ("contacts_contact", "event", "contact_state", "subject_state", "contact_seen", "contacts_score")


def fill(
    database: psycopg.Connection,
    *,
    people: int,
    events: int,
    dispatches: list[int],
    now: object,
    people_sql: str = _PEOPLE,
) -> None:
    """Write people (ids 1 to `people`), events and state rows; `dispatches` are 40 numbers of subjects."""
    from contacts.ledger.dictionary import kind_ids

    kinds = kind_ids(KINDS)
    shares = [kinds[kind] for kind, share in KINDS.items() for _ in range(share)]
    values = {
        "people": people,
        "now": now,
        "cities": CITIES,
        "kinds": shares,
        "dispatches": dispatches,
        "mails": [kinds["mail.opened"], kinds["mail.clicked"]],
        "order": kinds["order.placed"],
        "page": kinds["page.viewed"],
    }
    with unindexed(database, ("contacts_contact",)):
        database.execute(people_sql, values)
    with unindexed(database, _ANALYSED[1:]):
        for low in range(1, events + 1, _CHUNK):
            database.execute(_EVENTS, values | {"low": low, "high": min(low + _CHUNK - 1, events)})
        database.execute("SET work_mem = '512MB'")
        for statement in (_STATES, _SUBJECTS, _SEEN):
            database.execute(statement)
        database.execute(_SCORES, values)
        database.execute("RESET work_mem")
    database.execute(FOLLOWED)
    for table in _ANALYSED:
        database.execute(f"VACUUM ANALYZE {table}")
