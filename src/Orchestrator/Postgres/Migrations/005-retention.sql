-- Set by hand, so that no engine's configuration changes it.
ALTER TABLE pool ADD COLUMN is_set BOOLEAN NOT NULL DEFAULT false;

-- What has been kept long enough.
CREATE INDEX run_ended ON run (ended_at) WHERE state >= 2;
