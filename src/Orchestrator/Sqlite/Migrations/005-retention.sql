-- Slots of pools set by hand.
CREATE TABLE pool (name TEXT PRIMARY KEY, slots INTEGER NOT NULL) WITHOUT ROWID;

-- What has been kept long enough.
CREATE INDEX run_ended ON run (ended_at) WHERE state >= 2;
