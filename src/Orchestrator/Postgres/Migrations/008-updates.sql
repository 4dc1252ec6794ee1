-- The newest update of each dataset by a success of a task, written with the success: its newest version, or where it has none the instant.
-- written is the number of the transaction, so that whoever looks for what is new misses none that commits late.
CREATE TABLE dataset_update (
    dataset TEXT PRIMARY KEY,
    version BIGINT,
    instant BIGINT,
    updated_at BIGINT NOT NULL,
    written BIGINT NOT NULL
);
CREATE INDEX dataset_update_written ON dataset_update (written);
CREATE INDEX dataset_update_age ON dataset_update (updated_at);

-- The highest priority that waits in a session: priorities hold over all of them.
ALTER TABLE pool_share ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
