-- Tables that followers keep; each can be thrown away and rebuilt from the ledger and its base (docs/ledger.md).

CREATE TABLE contact_state (
    contact_id bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    n integer NOT NULL,
    kind_id smallint NOT NULL,
    total numeric(24, 4) NOT NULL,
    last_times timestamptz[] NOT NULL,
    CONSTRAINT contact_state_pkey PRIMARY KEY (kind_id, contact_id),
    CONSTRAINT contact_state_positive CHECK (n > 0)
) WITH (fillfactor = 80);
