CREATE TABLE leader (
    id         int PRIMARY KEY CHECK (id = 1),
    epoch      bigint NOT NULL,
    owner      text NOT NULL,
    claimed_at timestamptz NOT NULL
);
INSERT INTO leader VALUES (1, 0, '', clock_timestamp());

CREATE TABLE event_log (
    sequence bigint PRIMARY KEY,
    epoch    bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload  bytea NOT NULL
);
ALTER TABLE event_log ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE TABLE saved_state (
    sequence bigint PRIMARY KEY,
    epoch    bigint NOT NULL,
    payload  bytea NOT NULL
);
ALTER TABLE saved_state ALTER COLUMN payload SET STORAGE EXTERNAL;
