-- Several schedulers at once. A term is a session; what it owns it loses only with its row.
CREATE SEQUENCE scheduler_term;
SELECT setval('scheduler_term', (SELECT max(term) FROM scheduler) + 1, false);
DROP TABLE scheduler;
CREATE TABLE scheduler (
    term BIGINT PRIMARY KEY,
    owner TEXT NOT NULL,
    lease_until TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);

-- What each session has code for.
CREATE TABLE scheduler_dag (
    term BIGINT NOT NULL REFERENCES scheduler ON DELETE CASCADE,
    dag_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (dag_id, term)
);
CREATE INDEX scheduler_dag_of_term ON scheduler_dag (term);

-- members counts comings and goings; next_run_id and next_backfill_id are reserved from here.
CREATE TABLE fleet (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    members BIGINT NOT NULL,
    next_run_id BIGINT NOT NULL,
    next_backfill_id BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO fleet SELECT 1, 0, (SELECT coalesce(max(id), 0) + 1 FROM run), (SELECT coalesce(max(id), 0) + 1 FROM backfill);

ALTER TABLE dag ADD COLUMN term BIGINT;
CREATE INDEX dag_of_term ON dag (term);
CREATE INDEX dag_without_term ON dag (id) WHERE term IS NULL;

ALTER TABLE task ADD COLUMN pool_slots BIGINT NOT NULL DEFAULT 1;
ALTER TABLE task_try ADD COLUMN pool_slots BIGINT NOT NULL DEFAULT 1;
CREATE INDEX task_holding_slots ON task (pool) WHERE state IN (2, 3);

-- is_set: by hand, so that no engine's configuration changes it.
CREATE TABLE pool (name TEXT PRIMARY KEY, slots BIGINT NOT NULL, is_set BOOLEAN NOT NULL DEFAULT false);
CREATE TABLE pool_share (
    pool TEXT NOT NULL REFERENCES pool,
    term BIGINT NOT NULL REFERENCES scheduler ON DELETE CASCADE,
    held BIGINT NOT NULL,
    wanted BIGINT NOT NULL,
    at_once BIGINT NOT NULL,
    short_since BIGINT,
    PRIMARY KEY (pool, term)
) WITH (fillfactor = 50);
CREATE INDEX pool_share_of_term ON pool_share (term);

-- What has been kept long enough.
CREATE INDEX run_ended ON run (ended_at) WHERE state >= 2;

CREATE TABLE command (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dag_id TEXT NOT NULL,
    body TEXT NOT NULL,
    idempotency_key TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    answered_at TIMESTAMPTZ,
    result TEXT,
    error_kind BIGINT,
    error TEXT
);
CREATE UNIQUE INDEX command_by_key ON command (dag_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX command_open ON command (dag_id, id) WHERE answered_at IS NULL;
