-- What followers keep beside the state rows (docs/ledger.md). Each can be rebuilt from the ledger.

CREATE TABLE subject_state (
    contact_id bigint NOT NULL,
    subject_id bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    n integer NOT NULL,
    kind_id smallint NOT NULL,
    total numeric(24, 4) NOT NULL,
    CONSTRAINT subject_state_pkey PRIMARY KEY (kind_id, subject_id, contact_id),
    CONSTRAINT subject_state_positive CHECK (n > 0)
) WITH (fillfactor = 80);
CREATE INDEX subject_state_contact ON subject_state (contact_id);

-- n and total belong to the follower "totals", people to the follower "subjects".
CREATE TABLE subject_counter (
    subject_id bigint NOT NULL,
    n bigint NOT NULL DEFAULT 0,
    people bigint NOT NULL DEFAULT 0,
    total numeric(24, 4) NOT NULL DEFAULT 0,
    kind_id smallint NOT NULL,
    CONSTRAINT subject_counter_pkey PRIMARY KEY (subject_id, kind_id),
    CONSTRAINT subject_counter_not_negative CHECK (n >= 0 AND people >= 0)
) WITH (fillfactor = 50);

CREATE TABLE contact_seen (
    contact_id bigint PRIMARY KEY,
    last_seen_at timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE contact_touch (
    contact_id bigint PRIMARY KEY,
    first_event_id bigint NOT NULL,
    first_at timestamptz NOT NULL,
    first_channel text NOT NULL,
    first_facts jsonb NOT NULL,
    last_event_id bigint NOT NULL,
    last_at timestamptz NOT NULL,
    last_channel text NOT NULL,
    last_facts jsonb NOT NULL
);
CREATE INDEX contact_touch_first ON contact_touch (first_channel);

-- One row per raw hit on a mail: what the classifier last said of it. Rows older than its longest memory are dropped.
CREATE TABLE hit_verdict (
    hit_id bigint PRIMARY KEY,
    mail text NOT NULL,
    contact_id bigint NOT NULL,
    subject_id bigint,
    kind_id smallint NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz,
    told_id bigint,
    verdict text NOT NULL CONSTRAINT hit_verdict_known CHECK (verdict IN ('human', 'machine', 'waiting')),
    facts jsonb NOT NULL,
    CONSTRAINT hit_verdict_waits CHECK ((verdict = 'waiting') = (due_at IS NOT NULL)),
    CONSTRAINT hit_verdict_told CHECK ((verdict = 'waiting') = (told_id IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX hit_verdict_mail ON hit_verdict (mail);
CREATE INDEX hit_verdict_due ON hit_verdict (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX hit_verdict_at ON hit_verdict USING brin (at);
