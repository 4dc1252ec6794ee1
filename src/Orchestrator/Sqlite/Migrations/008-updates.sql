-- The newest update of each dataset by a success of a task, written with the success: its newest version, or where it has none the instant.
CREATE TABLE dataset_update (dataset TEXT PRIMARY KEY, version INTEGER, instant INTEGER, updated_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX dataset_update_age ON dataset_update (updated_at);
