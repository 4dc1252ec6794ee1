-- Tries for workers in other processes. One row a try; the epoch in the key fences.
CREATE TABLE remote_worker (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    queues TEXT[] NOT NULL,
    slots BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    seen_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- state: 0 waits, 1 runs, 2 ended.
CREATE TABLE remote_try (
    run_id BIGINT NOT NULL,
    task_no BIGINT NOT NULL,
    map_index BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    dag_id TEXT NOT NULL,
    queue TEXT NOT NULL,
    priority BIGINT NOT NULL,
    needs_code BOOLEAN NOT NULL,
    payload TEXT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0,
    is_cancelled BOOLEAN NOT NULL DEFAULT false,
    worker BIGINT,
    queued_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    claimed_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    outcome TEXT,
    PRIMARY KEY (run_id, task_no, map_index, epoch)
) WITH (fillfactor = 70);
CREATE INDEX remote_try_waiting ON remote_try (queue, priority DESC, queued_at) WHERE state = 0;
CREATE INDEX remote_try_running ON remote_try (worker, seen_at) WHERE state = 1;
CREATE INDEX remote_try_ended ON remote_try (ended_at) WHERE state = 2;
