ALTER TABLE task ADD COLUMN first_started_at INTEGER;
ALTER TABLE task_try ADD COLUMN first_started_at INTEGER;

CREATE INDEX run_by_logical_date ON run (dag_id, logical_date);

CREATE TABLE backfill (
    id INTEGER PRIMARY KEY,
    dag_id TEXT NOT NULL,
    request TEXT NOT NULL,
    state INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
);

CREATE TABLE backfill_run (
    backfill_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    interval_start INTEGER NOT NULL,
    interval_end INTEGER NOT NULL,
    logical_date INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    state INTEGER NOT NULL,
    run_id INTEGER,
    note TEXT,
    PRIMARY KEY (backfill_id, ordinal)
) WITHOUT ROWID;
