"""The SQL of a merge, one statement a step. Names in braces are ours (tables, columns); values are bound by name.

Temporary table import_range holds for one range: the line, whom it is about, whether that person is new.
"""

RANGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_range (
    line bigint, contact_id bigint, fresh boolean, account_id bigint, suppressed boolean
) ON COMMIT DELETE ROWS
"""
MATCH = """
INSERT INTO import_range (line, contact_id, fresh, account_id, suppressed)
SELECT s.line, coalesce(known.id, nextval('contacts_contact_id_seq')), known.id IS NULL, {account_id}, x.id IS NOT NULL
FROM {table} s {known} {account} LEFT JOIN contacts_suppression x ON x.email_key = s.email_key
WHERE s.line > %(after)s AND s.line <= %(upto)s ORDER BY s.line
"""
# An account of the same name without a number takes the number; where two numbers share a name, the smaller one does.
NUMBERED_ACCOUNTS = """
WITH wanted AS (
    SELECT DISTINCT ON (business_number) business_number, coalesce(company, business_number) AS name,
           coalesce(company_key, business_number) AS name_key
    FROM {table} WHERE line > %(after)s AND line <= %(upto)s AND business_number IS NOT NULL
    ORDER BY business_number, line
), missing AS (
    SELECT w.*, row_number() OVER (PARTITION BY w.name_key ORDER BY w.business_number) AS place FROM wanted w
    WHERE NOT EXISTS (
        SELECT FROM contacts_account a WHERE a.business_number = w.business_number AND NOT a.business_number = ''
    )
), adopted AS (
    UPDATE contacts_account a SET business_number = m.business_number, updated_at = %(now)s, version = version + 1
    FROM missing m WHERE m.place = 1 AND a.id = (
        SELECT min(n.id) FROM contacts_account n WHERE n.name_key = m.name_key AND n.business_number = ''
    )
    RETURNING a.business_number
)
INSERT INTO contacts_account (
    name, name_key, business_number, domain, industry, country, city, attributes, version, created_at, updated_at
)
SELECT name, name_key, business_number, '', '', '', '', '{{}}', 1, %(now)s, %(now)s FROM missing
WHERE business_number NOT IN (SELECT business_number FROM adopted) ORDER BY business_number
ON CONFLICT (business_number) WHERE NOT business_number = '' DO NOTHING
"""
NAMED_ACCOUNTS = """
INSERT INTO contacts_account (
    name, name_key, business_number, domain, industry, country, city, attributes, version, created_at, updated_at
)
SELECT company, company_key, '', '', '', '', '', '{{}}', 1, %(now)s, %(now)s FROM (
    SELECT DISTINCT ON (s.company_key) s.company, s.company_key FROM {table} s
    WHERE s.line > %(after)s AND s.line <= %(upto)s AND s.company_key IS NOT NULL AND s.business_number IS NULL
    ORDER BY s.company_key, s.line
) AS wanted
WHERE NOT EXISTS (SELECT FROM contacts_account a WHERE a.name_key = wanted.company_key)
"""
INSERT_PEOPLE = """
INSERT INTO contacts_contact (
    id, email, email_key, {texts}, birthday, attributes, account_roles, under_14, account_id,
    created_at, updated_at, version
)
SELECT r.contact_id, s.email, s.email_key, {values}, s.birthday, coalesce(s.attributes, '{{}}'),
       coalesce(s.account_roles, '{{}}'), coalesce(s.under_14, false), r.account_id,
       %(now)s, %(now)s, 1
FROM import_range r JOIN {table} s USING (line) WHERE r.fresh ORDER BY r.line
"""
# Colleagues of whom the range takes to another account; those whom she comes to are told by her own event.
LEFT_ACCOUNTS = """
SELECT DISTINCT c.account_id FROM import_range r JOIN contacts_contact c ON c.id = r.contact_id
WHERE NOT r.fresh AND c.account_id <> r.account_id
"""
UPDATE_PEOPLE = """
WITH changed AS (
    UPDATE contacts_contact c SET {sets}, updated_at = %(now)s, version = c.version + 1
    FROM import_range r JOIN {table} s USING (line)
    WHERE c.id = r.contact_id AND NOT r.fresh AND {differs}
    RETURNING new.id, array_remove(ARRAY[{names}], NULL) AS fields, jsonb_build_object('id', new.id) || {was} AS was
), told AS (
    {insert_events}
    SELECT id, %(kind)s, %(subject)s, %(now)s, %(now)s, NULL,
           jsonb_build_object('fields', array_to_string(fields, ', ')), NULL, 0
    FROM changed
)
SELECT was FROM changed
"""
# For undo: [before, after] of each column that changes.
WAS = (
    "CASE WHEN old.{name} IS DISTINCT FROM new.{name} "
    "THEN jsonb_build_object('{name}', jsonb_build_array(old.{name}, new.{name})) ELSE '{{}}' END"
)
WHOM = """
SELECT array_agg(contact_id) FILTER (WHERE fresh), array_agg(contact_id) FILTER (WHERE NOT fresh) FROM import_range
"""
ROWS = "SELECT count(*) FROM {table} WHERE line > %(after)s AND line <= %(upto)s"
EXCLUDE = """
INSERT INTO contacts_suppression (email_key, reason, detail, at)
SELECT email_key, excluded, %(detail)s, coalesce(refused_at, %(now)s) FROM {table}
WHERE line > %(after)s AND line <= %(upto)s AND excluded IS NOT NULL ORDER BY email_key
ON CONFLICT (email_key) DO NOTHING RETURNING email_key
"""
TELL_EXCLUDED = """
{insert_events}
SELECT c.id, %(kind)s, %(subject)s, %(now)s, %(now)s, NULL, jsonb_build_object('why', %(why)s::text), NULL, 0
FROM contacts_contact c WHERE c.email_key = ANY(%(keys)s) AND c.email_key <> '' AND c.merged_into_id IS NULL
ORDER BY c.id
"""
TELL = """
{insert_events}
SELECT r.contact_id, k.kind, %(subject)s, %(now)s, %(now)s, NULL,
       CASE k.kind WHEN %(imported)s THEN %(facts)s::jsonb ELSE '{{}}' END, NULL, 0
FROM import_range r CROSS JOIN (VALUES (%(created)s::smallint), (%(imported)s)) AS k(kind)
WHERE r.fresh OR k.kind = %(imported)s ORDER BY r.line, k.kind
"""
# Bound by place, as record_set does: agreed, refused, basis, wording, user. A yes without a date lifts nothing.
CLAIM = """
SELECT r.contact_id, '{purpose}' AS purpose, '{channel}' AS channel,
       CASE WHEN said.yes THEN 'granted' ELSE 'withdrawn' END AS decision,
       CASE WHEN said.yes THEN coalesce(s.consent_at, %s) ELSE coalesce(s.refused_at, %s) END AS at,
       'import' AS source, %s AS basis, CASE WHEN said.yes THEN %s ELSE '' END AS wording, '' AS wording_version,
       '' AS ip_prefix, NULL::timestamptz AS double_opt_in_at, %s::bigint AS recorded_by_id
FROM import_range r JOIN {table} s USING (line)
CROSS JOIN LATERAL (SELECT substr(s.consents, {place}, 1) = 'y' AS yes) AS said
LEFT JOIN contacts_consentstate held
    ON held.contact_id = r.contact_id AND held.purpose = '{purpose}' AND held.channel = '{channel}'
WHERE CASE substr(s.consents, {place}, 1)
    WHEN 'n' THEN held.decision IS DISTINCT FROM 'withdrawn'
    WHEN 'y' THEN NOT ({blocked}) AND (held.id IS NULL OR s.consent_at > held.since)
    ELSE false END
"""
JOIN_LIST = """
WITH joined AS (
    INSERT INTO contacts_listmember (fixed_list_id, contact_id, at)
    SELECT l.id, r.contact_id, %(now)s
    FROM import_range r JOIN contacts_fixedlist l ON l.id = %(list)s ORDER BY r.contact_id
    ON CONFLICT (fixed_list_id, contact_id) DO NOTHING RETURNING fixed_list_id, contact_id
)
{insert_events}
SELECT j.contact_id, %(kind)s, %(subject)s, %(now)s, %(now)s, NULL, jsonb_build_object('name', l.name), NULL, 0
FROM joined j JOIN contacts_fixedlist l ON l.id = j.fixed_list_id ORDER BY j.contact_id RETURNING contact_id
"""
WORN = """
SELECT DISTINCT r.contact_id, t.name FROM import_range r JOIN {table} s USING (line)
CROSS JOIN LATERAL unnest(coalesce(s.tags, '{{}}') || %(tags)s::text[]) AS t(name)
"""
NEW_TAGS = """
INSERT INTO contacts_tag (name) SELECT DISTINCT ON (lower(name)) name FROM ({worn}) AS w ORDER BY lower(name), name
ON CONFLICT (lower(name)) DO NOTHING
"""
TAGS = "SELECT DISTINCT t.id FROM ({worn}) AS w JOIN contacts_tag t ON lower(t.name) = lower(w.name)"
WEAR_TAGS = """
WITH worn AS (
    INSERT INTO contacts_contacttag (tag_id, contact_id, at)
    SELECT DISTINCT t.id, w.contact_id, %(now)s::timestamptz
    FROM ({worn}) AS w JOIN contacts_tag t ON lower(t.name) = lower(w.name) ORDER BY t.id, w.contact_id
    ON CONFLICT (tag_id, contact_id) DO NOTHING RETURNING tag_id, contact_id
)
{insert_events}
SELECT w.contact_id, %(kind)s, k.subject, %(now)s, %(now)s, NULL, jsonb_build_object('name', t.name), NULL, 0
FROM worn w JOIN contacts_tag t ON t.id = w.tag_id
JOIN unnest(%(numbers)s::bigint[], %(subjects)s::bigint[]) AS k(tag, subject) ON k.tag = w.tag_id
ORDER BY w.contact_id RETURNING subject_id, contact_id
"""
