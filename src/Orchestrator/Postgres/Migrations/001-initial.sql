-- Times are microseconds since 1970-01-01 UTC.
CREATE TABLE scheduler (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    term BIGINT NOT NULL,
    owner TEXT NOT NULL,
    lease_until TIMESTAMPTZ NOT NULL
);
INSERT INTO scheduler VALUES (1, 0, '', 'epoch');

CREATE TABLE dag_version (hash TEXT PRIMARY KEY, dag_id TEXT NOT NULL, model TEXT NOT NULL, created_at BIGINT NOT NULL);

CREATE TABLE dag (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    is_paused BIGINT NOT NULL DEFAULT 0,
    fire_start BIGINT,
    fire_end BIGINT,
    fire_logical BIGINT,
    fire_run_after BIGINT
);

CREATE TABLE run (
    id BIGINT PRIMARY KEY,
    dag_id TEXT NOT NULL,
    dag_hash TEXT NOT NULL,
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    interval_start BIGINT NOT NULL,
    interval_end BIGINT NOT NULL,
    logical_date BIGINT NOT NULL,
    run_after BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    changes TEXT,
    conf TEXT,
    idempotency_key TEXT,
    note TEXT
);
CREATE INDEX run_of_dag ON run (dag_id, id);
CREATE INDEX run_unfinished ON run (id) WHERE state < 2;
CREATE UNIQUE INDEX run_by_date ON run (dag_id, logical_date) WHERE kind IN (0, 3);
CREATE UNIQUE INDEX run_by_key ON run (dag_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE task (
    run_id BIGINT NOT NULL,
    task_no BIGINT NOT NULL,
    map_index BIGINT NOT NULL,
    task_id TEXT NOT NULL,
    state BIGINT NOT NULL,
    try BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    infrastructure_failures BIGINT NOT NULL,
    ready_at BIGINT,
    queued_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    wake_at BIGINT,
    pool TEXT NOT NULL,
    executor TEXT,
    note TEXT,
    first_started_at BIGINT,
    PRIMARY KEY (run_id, task_no, map_index)
) WITH (fillfactor = 70);

CREATE TABLE task_try (
    run_id BIGINT NOT NULL,
    task_no BIGINT NOT NULL,
    map_index BIGINT NOT NULL,
    task_id TEXT NOT NULL,
    state BIGINT NOT NULL,
    try BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    infrastructure_failures BIGINT NOT NULL,
    ready_at BIGINT,
    queued_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    wake_at BIGINT,
    pool TEXT NOT NULL,
    executor TEXT,
    note TEXT,
    first_started_at BIGINT,
    PRIMARY KEY (run_id, task_no, map_index, try)
);

CREATE TABLE xcom (
    run_id BIGINT NOT NULL,
    task_no BIGINT NOT NULL,
    map_index BIGINT NOT NULL,
    name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (run_id, task_no, map_index, name)
);

CREATE TABLE dataset_progress (
    dag_id TEXT NOT NULL,
    dataset TEXT NOT NULL,
    seen BIGINT NOT NULL,
    consumed BIGINT NOT NULL,
    PRIMARY KEY (dag_id, dataset)
);

CREATE INDEX run_by_logical_date ON run (dag_id, logical_date);

CREATE TABLE backfill (
    id BIGINT PRIMARY KEY,
    dag_id TEXT NOT NULL,
    request TEXT NOT NULL,
    state BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE TABLE backfill_run (
    backfill_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    interval_start BIGINT NOT NULL,
    interval_end BIGINT NOT NULL,
    logical_date BIGINT NOT NULL,
    run_after BIGINT NOT NULL,
    state BIGINT NOT NULL,
    run_id BIGINT,
    note TEXT,
    PRIMARY KEY (backfill_id, ordinal)
);
