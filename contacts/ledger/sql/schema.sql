-- The ledger's own tables (docs/ledger.md). Run by migration 0002; everything else about them is in Python.

CREATE TABLE ledger_kind (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL CONSTRAINT ledger_kind_key_unique UNIQUE
);

CREATE TABLE ledger_subject (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    key text NOT NULL,
    CONSTRAINT ledger_subject_unique UNIQUE (type, key)
);

-- A constant, replaced by `manage.py ledger raise-offset` after a restore into a new cluster. A function with a constant
-- body is inlined, so that it costs nothing per row, and it travels with every back-up.
CREATE FUNCTION ledger_offset() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT 0::bigint';

-- Everything below this position is committed or rolled back: what a follower may read.
CREATE FUNCTION ledger_horizon() RETURNS bigint LANGUAGE sql STABLE AS
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + ledger_offset()';

CREATE SEQUENCE event_id_seq;

CREATE TABLE event (
    id bigint NOT NULL DEFAULT nextval('event_id_seq'),
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint + ledger_offset()),
    contact_id bigint NOT NULL,
    origin_contact_id bigint,
    subject_id bigint,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    cause bigint,
    kind_id smallint NOT NULL,
    depth smallint NOT NULL DEFAULT 0,
    value numeric(19, 4),
    properties jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT event_not_in_future CHECK (occurred_at <= recorded_at)
) PARTITION BY RANGE (occurred_at);

ALTER SEQUENCE event_id_seq OWNED BY event.id;

CREATE INDEX event_position ON event (tx, id);
CREATE INDEX event_contact_kind_time ON event (contact_id, kind_id, occurred_at);
CREATE INDEX event_kind_time ON event (kind_id, occurred_at) INCLUDE (contact_id);
CREATE INDEX event_kind_subject ON event (kind_id, subject_id, contact_id);

CREATE TABLE event_key (
    source text NOT NULL,
    key text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT event_key_pkey PRIMARY KEY (source, key)
);
CREATE INDEX event_key_recorded ON event_key USING brin (recorded_at);

-- One partition for the whole past, twelve months of history, three months ahead; months are months in UTC.
DO $$
DECLARE
    month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') - interval '12 months';
BEGIN
    EXECUTE format('CREATE TABLE event_past PARTITION OF event FOR VALUES FROM (MINVALUE) TO (%L)', month || '+00');
    FOR ahead IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%L) TO (%L)',
            'event_' || to_char(month, 'YYYY_MM'), month || '+00', (month + interval '1 month') || '+00'
        );
        month := month + interval '1 month';
    END LOOP;
END $$;

-- Where the followers stand, per shard of contacts; a follower that is not with the others has rows in follower_behind.
CREATE TABLE ledger_lane (
    shard smallint PRIMARY KEY CONSTRAINT ledger_lane_shard CHECK (shard BETWEEN 0 AND 63),
    tx bigint NOT NULL DEFAULT 0,
    event_id bigint NOT NULL DEFAULT 0,
    moved_at timestamptz
) WITH (fillfactor = 20);
INSERT INTO ledger_lane (shard) SELECT generate_series(0, 63);

CREATE TABLE follower_behind (
    name text NOT NULL,
    shard smallint NOT NULL,
    tx bigint NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT follower_behind_pkey PRIMARY KEY (name, shard)
) WITH (fillfactor = 20);

CREATE TABLE follower_state (
    name text PRIMARY KEY,
    added_at timestamptz NOT NULL,
    stopped_at timestamptz,
    error text NOT NULL DEFAULT '',
    CONSTRAINT follower_state_error CHECK ((stopped_at IS NULL) = (error = ''))
);
