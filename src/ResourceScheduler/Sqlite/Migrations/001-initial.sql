CREATE TABLE leader (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    owner TEXT NOT NULL
);
INSERT INTO leader VALUES (1, 0, '');

CREATE TABLE event_log (
    sequence INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    payload  BLOB NOT NULL
);

CREATE TABLE saved_state (
    sequence INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    payload  BLOB NOT NULL
);
