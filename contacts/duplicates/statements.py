"""The SQL of a search: keys of a range of people, then the pairs of a range. Every step is linear in its range.

A person meets at most {nearest} others under one key (the oldest), so that a switchboard shared by a thousand people
makes thousands of pairs, never a million. The people of a pair are looked up one by one (LIMIT 1): a plain join made
the planner read all people for every range. Measured with bench/duplicates.py; names in braces are ours.
"""

# A name for comparing: Hangul without spaces and the polite 님, other names as their words in order of the alphabet.
PERSON_KEY = """
CASE WHEN {name} ~ '[가-힣]' THEN regexp_replace(lower({name}), '님\\s*$|[\\s.·]+', '', 'g')
     ELSE (SELECT string_agg(word, ' ' ORDER BY word) FROM regexp_split_to_table(lower({name}), '[^[:alnum:]]+') AS word
           WHERE word <> '') END
"""
# Digits as they are dialled at home: +82 10 1234 5678 is 01012345678.
_PHONE_KEY = "nullif(regexp_replace(regexp_replace(c.phone, '\\D', '', 'g'), '^(00)?820?', '0'), '')"
KEYS = f"""
WITH typo AS MATERIALIZED (SELECT * FROM unnest(%(wrong)s::text[], %(meant)s::text[]) AS t(wrong, meant)),
person AS (
    SELECT c.id, split_part(c.email, '@', 1) AS login, {PERSON_KEY.format(name="c.name")} AS called,
           a.name_key AS company, {_PHONE_KEY} AS dialled, coalesce(t.meant, split_part(c.email, '@', 2)) AS host
    FROM contacts_contact c
    LEFT JOIN contacts_account a ON a.id = c.account_id
    LEFT JOIN typo t ON t.wrong = split_part(c.email, '@', 2)
    WHERE c.id > %(after)s AND c.id <= %(upto)s AND c.merged_into_id IS NULL
), wanted AS MATERIALIZED (
    SELECT p.id AS contact_id, k.rule, hashtextextended(k.words, k.rule) AS key
    FROM person p CROSS JOIN LATERAL (
        SELECT CASE p.host WHEN 'hanmail.net' THEN 'daum.net' WHEN 'googlemail.com' THEN 'gmail.com' ELSE p.host END
               AS domain, coalesce(nullif(split_part(p.login, '+', 1), ''), p.login) AS name
    ) AS box CROSS JOIN LATERAL (VALUES
        (1::smallint, CASE box.domain WHEN 'gmail.com' THEN replace(box.name, '.', '') ELSE box.name END
                      || '@' || box.domain),
        (2::smallint, CASE WHEN length(p.called) > 1 AND p.company <> '' THEN p.called || '|' || p.company END),
        (3::smallint, CASE WHEN length(p.dialled) > 7 THEN p.dialled END)
    ) AS k(rule, words)
    WHERE k.words IS NOT NULL
), gone AS (
    DELETE FROM contacts_duplicatekey d WHERE d.contact_id > %(after)s AND d.contact_id <= %(upto)s
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.contact_id = d.contact_id AND w.rule = d.rule)
)
INSERT INTO contacts_duplicatekey AS d (contact_id, rule, key)
SELECT contact_id, rule, key FROM wanted w
WHERE NOT EXISTS (  -- a conflict would write a lock into every row, also of those that stay as they are
    SELECT FROM contacts_duplicatekey h WHERE h.contact_id = w.contact_id AND h.rule = w.rule AND h.key = w.key
) ORDER BY contact_id, rule
ON CONFLICT (contact_id, rule) DO UPDATE SET key = excluded.key WHERE d.key <> excluded.key
"""  # noqa: S608 - constants of this module
PAIRS = f"""
WITH near AS MATERIALIZED (
    SELECT o.contact_id AS first, k.contact_id AS second, array_agg(k.rule) AS rules
    FROM contacts_duplicatekey k CROSS JOIN LATERAL (
        SELECT o.contact_id FROM contacts_duplicatekey o
        WHERE o.rule = k.rule AND o.key = k.key AND o.contact_id < k.contact_id
        ORDER BY o.contact_id LIMIT %(nearest)s
    ) AS o
    WHERE k.contact_id > %(after)s AND k.contact_id <= %(upto)s GROUP BY 1, 2
), compared AS (
    SELECT n.first, n.second, n.rules,
           split_part(a.email, '@', 2) = ANY(%(wrong)s) OR split_part(b.email, '@', 2) = ANY(%(wrong)s) AS mistyped,
           coalesce({PERSON_KEY.format(name="a.name")} = {PERSON_KEY.format(name="b.name")}, false) AND a.name <> ''
           AS one_name,
           a.name = '' OR b.name = '' AS nameless, NOT a.phone ~ '^\\+82' OR a.phone ~ '^\\+8210' AS mobile
    FROM near n
    CROSS JOIN LATERAL (SELECT * FROM contacts_contact WHERE id = n.first AND merged_into_id IS NULL LIMIT 1) AS a
    CROSS JOIN LATERAL (SELECT * FROM contacts_contact WHERE id = n.second AND merged_into_id IS NULL LIMIT 1) AS b
), judged AS (
    SELECT first, second, array_agg(r.key ORDER BY r.chance DESC) AS reasons,
           round(100 * (1 - exp(sum(ln(1 - r.chance)))))::smallint AS score
    FROM compared c JOIN unnest(%(keys)s::text[], %(chances)s::float8[]) AS r(key, chance) ON CASE r.key
        WHEN 'mailbox' THEN 1 = ANY(c.rules) AND NOT c.mistyped
        WHEN 'typo' THEN 1 = ANY(c.rules) AND c.mistyped
        WHEN 'name_company' THEN 2 = ANY(c.rules)
        WHEN 'phone_name' THEN 3 = ANY(c.rules) AND c.one_name
        WHEN 'phone' THEN 3 = ANY(c.rules) AND NOT c.one_name AND (c.mobile OR c.nameless) END
    GROUP BY 1, 2
), gone AS (
    DELETE FROM contacts_duplicatepair p WHERE p.state = 'open' AND p.second_id > %(after)s AND p.second_id <= %(upto)s
    AND NOT EXISTS (SELECT FROM judged j WHERE j.first = p.first_id AND j.second = p.second_id)
), kept AS (
    INSERT INTO contacts_duplicatepair AS p (first_id, second_id, score, reasons, state, found_at)
    SELECT first, second, score, reasons, 'open', %(now)s FROM judged ORDER BY first, second
    ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons
    WHERE p.state = 'open' AND (p.score <> excluded.score OR p.reasons <> excluded.reasons)
    RETURNING old.id IS NULL AS fresh
)
SELECT count(*) FROM kept WHERE fresh
"""  # noqa: S608 - constants of this module
RANGE_END = """
SELECT max(id) FROM (SELECT id FROM contacts_contact WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS next
"""
