-- What erased people had added to the counters, without any of them: a replay starts from it (contacts/privacy).
CREATE TABLE subject_erased (
    subject_id bigint NOT NULL,
    n bigint NOT NULL DEFAULT 0,
    people bigint NOT NULL DEFAULT 0,
    total numeric(24, 4) NOT NULL DEFAULT 0,
    kind_id smallint NOT NULL,
    CONSTRAINT subject_erased_pkey PRIMARY KEY (subject_id, kind_id)
);
