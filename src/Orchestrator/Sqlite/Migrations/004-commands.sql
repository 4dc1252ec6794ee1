ALTER TABLE task ADD COLUMN pool_slots INTEGER NOT NULL DEFAULT 1;
ALTER TABLE task_try ADD COLUMN pool_slots INTEGER NOT NULL DEFAULT 1;

-- Pools set by hand.
CREATE TABLE pool (name TEXT PRIMARY KEY, slots INTEGER NOT NULL) WITHOUT ROWID;

-- What has been kept long enough.
CREATE INDEX run_ended ON run (ended_at) WHERE state >= 2;

-- Commands from other processes to the one that schedules.
CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id TEXT NOT NULL,
    body TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    is_answered INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    result TEXT,
    error_kind INTEGER,
    error TEXT
);
CREATE UNIQUE INDEX command_by_key ON command (dag_id, idempotency_key);
CREATE INDEX command_open ON command (id) WHERE is_answered = 0;
