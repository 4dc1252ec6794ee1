-- Times are microseconds since 1970-01-01 UTC.
CREATE TABLE scheduler (id INTEGER PRIMARY KEY CHECK (id = 1), term INTEGER NOT NULL, owner TEXT NOT NULL);
INSERT INTO scheduler VALUES (1, 0, '');

CREATE TABLE dag_version (hash TEXT PRIMARY KEY, dag_id TEXT NOT NULL, model TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE dag (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    is_paused INTEGER NOT NULL DEFAULT 0,
    fire_start INTEGER,
    fire_end INTEGER,
    fire_logical INTEGER,
    fire_run_after INTEGER
) WITHOUT ROWID;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    dag_id TEXT NOT NULL,
    dag_hash TEXT NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    interval_start INTEGER NOT NULL,
    interval_end INTEGER NOT NULL,
    logical_date INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
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
    run_id INTEGER NOT NULL,
    task_no INTEGER NOT NULL,
    map_index INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    state INTEGER NOT NULL,
    try INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    infrastructure_failures INTEGER NOT NULL,
    ready_at INTEGER,
    queued_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    wake_at INTEGER,
    pool TEXT NOT NULL,
    executor TEXT,
    note TEXT,
    PRIMARY KEY (run_id, task_no, map_index)
) WITHOUT ROWID;

CREATE TABLE task_try (
    run_id INTEGER NOT NULL,
    task_no INTEGER NOT NULL,
    map_index INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    state INTEGER NOT NULL,
    try INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    infrastructure_failures INTEGER NOT NULL,
    ready_at INTEGER,
    queued_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    wake_at INTEGER,
    pool TEXT NOT NULL,
    executor TEXT,
    note TEXT,
    PRIMARY KEY (run_id, task_no, map_index, try)
) WITHOUT ROWID;

CREATE TABLE xcom (
    run_id INTEGER NOT NULL,
    task_no INTEGER NOT NULL,
    map_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (run_id, task_no, map_index, name)
) WITHOUT ROWID;

CREATE TABLE dataset_progress (
    dag_id TEXT NOT NULL,
    dataset TEXT NOT NULL,
    seen INTEGER NOT NULL,
    consumed INTEGER NOT NULL,
    PRIMARY KEY (dag_id, dataset)
) WITHOUT ROWID;
