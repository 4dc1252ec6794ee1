-- Why a timetable gives no fires at present.
ALTER TABLE dag ADD COLUMN fault TEXT;
ALTER TABLE dag ADD COLUMN fault_at INTEGER;

-- Runs that retention removed and that still have rows, logs or large values somewhere: noted with their removal, so that a crash forgets none.
CREATE TABLE removed_run (id INTEGER PRIMARY KEY, dag_id TEXT NOT NULL);
