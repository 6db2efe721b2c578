-- Months whose events were dropped. The fold of a month counts from the moment it stands here.
CREATE TABLE ledger_dropped (
    month date PRIMARY KEY,
    dropped_at timestamptz NOT NULL
);

-- What is kept of dropped events: their fold per month, contact they were recorded under, kind and subject.
CREATE TABLE event_base (
    contact_id bigint NOT NULL,
    subject_id bigint,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    month date NOT NULL,
    n integer NOT NULL,
    kind_id smallint NOT NULL,
    total numeric(24, 4) NOT NULL,
    last_times timestamptz[] NOT NULL,
    CONSTRAINT event_base_unique UNIQUE NULLS NOT DISTINCT (contact_id, kind_id, subject_id, month)
);

-- First and last touches that lay in a dropped month.
CREATE TABLE contact_touch_base (
    event_id bigint PRIMARY KEY,
    contact_id bigint NOT NULL,
    at timestamptz NOT NULL,
    channel text NOT NULL,
    facts jsonb NOT NULL
);
CREATE INDEX contact_touch_base_contact ON contact_touch_base (contact_id);

-- Where a contact's redirects end.
CREATE FUNCTION contact_root(contact bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE walk AS (
        SELECT id, merged_into_id FROM contacts_contact WHERE id = contact
        UNION ALL
        SELECT c.id, c.merged_into_id FROM walk w JOIN contacts_contact c ON c.id = w.merged_into_id
    )
    SELECT coalesce((SELECT id FROM walk WHERE merged_into_id IS NULL), contact)
$$;
