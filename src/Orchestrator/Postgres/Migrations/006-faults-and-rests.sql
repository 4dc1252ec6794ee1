-- Why a timetable gives no fires at present.
ALTER TABLE dag ADD COLUMN fault TEXT;
ALTER TABLE dag ADD COLUMN fault_at BIGINT;

-- Runs that retention removed and that still have rows, logs or large values somewhere: noted with their removal, so that a crash forgets none.
CREATE TABLE removed_run (id BIGINT PRIMARY KEY, dag_id TEXT NOT NULL);

-- What the DAGs of a session want of a pool, so that slots are shared between DAGs and not between sessions.
ALTER TABLE pool_share ADD COLUMN dags TEXT NOT NULL DEFAULT '';
