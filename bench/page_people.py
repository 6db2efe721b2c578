"""People with all that a list of them asks for, written by SQL for the bench of pages: names, labels, consents, orders.

Number n of a person is the id; hashes stand for chance, so that every run has the same people.
"""

import psycopg

from bench import segment_people

OWNERS = 20
TAGS = {"third": 3, "tenth": 10, "hundredth": 100, "rare": 20_000}  # one of so many people wears it
LISTS = {"half": 2, "fiftieth": 50, "rare": 10_000}
RARE_CITY = "Haeundae"
RARE = 20_000  # one of so many people lives in it; remainders of 1, since some of those of 0 were merged

# A third is owned by nobody; one of 200 was merged into the next one; one of 40 has no name, one of 50 no address.
_PEOPLE = f"""
INSERT INTO contacts_contact (email, email_key, name, phone, title, company, account_id, owner_id, stage_id,
    stage_since, language, time_zone, country, region, city, postcode, street, source, attributes, created_at,
    merged_into_id, version)
SELECT CASE WHEN n %% 50 > 0 THEN 'p' || n || '.' || substr(md5(n::text), 1, 4) || '@' || (ARRAY['example.com',
        'example.net', 'mail.example.org'])[1 + a / 16 %% 3] END,
    CASE WHEN n %% 50 > 0 THEN 'k' || n ELSE '' END,
    CASE WHEN n %% 40 > 0 THEN substr('김김김김이이이박박최정강조윤장임한오서신', 1 + a %% 20, 1)
        || substr('철영민지서하도은현수준예시유주채재동상성', 1 + b %% 20, 1)
        || substr('수희호우윤준연은아원진영빈현민경훈혁미정', 1 + c %% 20, 1) ELSE '' END,
    '+8210' || lpad((n * 7919::bigint %% 100000000)::text, 8, '0'), '', coalesce(account.name, ''),
    account.id, CASE WHEN n %% 3 > 0 THEN owners.ids[1 + c %% cardinality(owners.ids)] END,
    stages.ids[1 + least(a %% 16, b %% 9) %% cardinality(stages.ids)],
    %(now)s::timestamptz - make_interval(secs => b %% (200 * 86400)),
    'ko', '', 'KR', '', CASE WHEN n %% {RARE} = 1 THEN '{RARE_CITY}'
        ELSE (%(cities)s::text[])[1 + (n * 7) %% 10 * (n %% 3 <> 0)::int] END,
    '', '', 'bench',
    jsonb_build_object('plan', CASE n %% 10 WHEN 0 THEN 'pro' ELSE 'free' END, 'age', 18 + n * 13 %% 60),
    %(now)s::timestamptz - make_interval(secs => (n * 7919::bigint) %% (400 * 86400)),
    CASE WHEN n %% 200 = 0 AND n < %(people)s THEN n + 1 END, 1
FROM (SELECT n, hashint8(n) & 2147483647 AS a, hashint8(n + 1) & 2147483647 AS b, hashint8(n + 2) & 2147483647 AS c
    FROM generate_series(1, %(people)s) AS n) AS drawn
CROSS JOIN (SELECT array_agg(id ORDER BY position) AS ids FROM contacts_stage
    WHERE model_id = (SELECT id FROM contacts_stagemodel WHERE in_use)) AS stages
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM team_user WHERE role = 'sales_rep') AS owners
LEFT JOIN contacts_account account ON account.id = 1 + n / 2 %% (1 + %(people)s / 50) AND n %% 2 = 0
"""
_ACCOUNTS = """
INSERT INTO contacts_account (name, name_key, domain, business_number, industry, country, city, attributes, version)
SELECT '회사 ' || n, '회사 ' || n, '', '', '', 'KR', '', '{}', 1 FROM generate_series(1, 1 + %(people)s / 50) AS n
"""
_LABELS = (
    """
    INSERT INTO contacts_contacttag (contact_id, tag_id)
    SELECT n, %(label)s FROM generate_series(1, %(people)s) AS n WHERE n %% %(share)s = 1
    """,
    """
    INSERT INTO contacts_listmember (contact_id, fixed_list_id)
    SELECT n, %(label)s FROM generate_series(1, %(people)s) AS n WHERE (n + 1) %% %(share)s = 0
    """,
)
# Six of ten agreed to mails, one refused, three never said; two of ten agreed to tracking too.
_CONSENTS = """
WITH said AS (
    INSERT INTO contacts_consententry (contact_id, purpose, channel, decision, at, source, basis, wording,
        wording_version, ip_prefix)
    SELECT n, purpose, 'email', CASE WHEN n %% 10 = 6 THEN 'withdrawn' ELSE 'granted' END, %(now)s, 'form', '', '',
        '', ''
    FROM generate_series(1, %(people)s) AS n, unnest(ARRAY['marketing', 'tracking']) AS purpose
    WHERE n %% 10 < CASE purpose WHEN 'marketing' THEN 7 ELSE 2 END
    RETURNING id, contact_id, purpose, channel, decision, at
)
INSERT INTO contacts_consentstate (contact_id, purpose, channel, decision, since, entry_id)
SELECT contact_id, purpose, channel, decision, at, id FROM said
"""
_SUPPRESSED = """
INSERT INTO contacts_suppression (email_key, reason, detail, at)
SELECT 'k' || n, 'hard_bounce', '', %(now)s FROM generate_series(1, %(people)s) AS n WHERE n %% 100 = 1
"""
_ORDERS = """
INSERT INTO contacts_order (key, contact_id, placed_at, status, total, refunded, currency)
SELECT 'o' || e.id, e.contact_id, e.occurred_at, 'paid', e.value, 0, 'KRW'
FROM event e JOIN ledger_kind k ON k.id = e.kind_id WHERE k.key = 'order.placed'
"""
# One person in three moved lately: half of them once, half twice, to the next stage; within 90 days.
_MOVES = """
INSERT INTO event (contact_id, kind_id, occurred_at, recorded_at, properties)
SELECT n, %(entered)s, at, at,
    jsonb_build_object('from_id', ids[place], 'to_id', ids[place + 1], 'name', '', 'cause', 'person')
FROM generate_series(3, %(people)s, 3) AS n
CROSS JOIN (SELECT array_agg(id ORDER BY position) AS ids FROM contacts_stage
    WHERE model_id = (SELECT id FROM contacts_stagemodel WHERE in_use)) AS stages
CROSS JOIN LATERAL generate_series(1, 1 + n %% 2) AS step
CROSS JOIN LATERAL (SELECT (1 + n / 3 %% (cardinality(ids) - 2))::int + step - 1 AS place,
    %(now)s::timestamptz
        - make_interval(secs => (hashint8(n) & 2147483647) %% (45 * 86400) + (2 - step) * 40 * 86400) AS at
) AS drawn
"""
_ANALYSED = (
    "contacts_account",
    "contacts_contacttag",
    "contacts_listmember",
    "contacts_consententry",
    "contacts_consentstate",
    "contacts_suppression",
    "contacts_order",
    "event",
)


def fill(
    database: psycopg.Connection, *, people: int, events: int, dispatches: list[int], now: object
) -> tuple[dict[str, int], dict[str, int]]:
    """Write people, what they did, wear, said and bought; return the numbers of TAGS and of LISTS."""
    from contacts.ledger.dictionary import kind_ids
    from contacts.models import FixedList, Tag

    tags = {name: Tag.objects.create(name=name).pk for name in TAGS}
    lists = {name: FixedList.objects.create(name=name).pk for name in LISTS}
    values = {"people": people, "now": now, "entered": kind_ids(["stage.entered"])["stage.entered"]}
    database.execute("SET session_replication_role = replica")  # rows fit by the way they are made
    database.execute(_ACCOUNTS, values)
    segment_people.fill(database, people=people, events=events, dispatches=dispatches, now=now, people_sql=_PEOPLE)
    for statement, labels, shares in ((_LABELS[0], tags, TAGS), (_LABELS[1], lists, LISTS)):
        for name, label in labels.items():
            database.execute(statement, values | {"label": label, "share": shares[name]})
    for statement in (_CONSENTS, _SUPPRESSED, _ORDERS, _MOVES, segment_people.FOLLOWED):
        database.execute(statement, values)
    database.execute("SET session_replication_role = origin")
    for table in _ANALYSED:
        database.execute(f"VACUUM ANALYZE {table}")
    return tags, lists
