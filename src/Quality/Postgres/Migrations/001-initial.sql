-- Times are UTC ticks of 100 ns since year 1, enumerations their numbers, texts compare by character.
CREATE TABLE suite (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT COLLATE "C" NOT NULL UNIQUE);

CREATE TABLE rule (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    suite INTEGER NOT NULL REFERENCES suite,
    rule_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (suite, rule_id)
);

CREATE TABLE run (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id TEXT COLLATE "C" NOT NULL UNIQUE,
    suite INTEGER NOT NULL REFERENCES suite,
    table_name TEXT COLLATE "C" NOT NULL,
    dataset TEXT,
    version BIGINT,
    started BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    queries TEXT NOT NULL
);
CREATE INDEX run_by_suite ON run (suite, started, id);
CREATE INDEX run_by_time ON run (started, id);
CREATE INDEX run_by_table ON run (table_name, id);

CREATE TABLE verdict (
    run BIGINT NOT NULL REFERENCES run ON DELETE CASCADE,
    place INTEGER NOT NULL,
    rule BIGINT NOT NULL,
    severity SMALLINT NOT NULL,
    outcome SMALLINT NOT NULL,
    violations BIGINT,
    evaluated BIGINT,
    observed TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (run, place)
);
CREATE INDEX verdict_by_rule ON verdict (rule, run);

-- Derived from runs in the transaction that keeps them: the newest verdict of each rule, counts by table and day.
CREATE TABLE rule_state (
    id BIGINT PRIMARY KEY REFERENCES rule,
    table_name TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    rank INTEGER NOT NULL,
    severity SMALLINT NOT NULL,
    outcome SMALLINT NOT NULL,
    violations BIGINT,
    evaluated BIGINT,
    observed TEXT,
    words TEXT NOT NULL,
    message TEXT NOT NULL,
    owner TEXT,
    tags TEXT NOT NULL,
    detail TEXT NOT NULL,
    run BIGINT NOT NULL,
    run_id TEXT NOT NULL,
    dataset TEXT,
    version BIGINT,
    at BIGINT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX rule_state_by_rank ON rule_state (rank, id);
CREATE INDEX rule_state_by_table ON rule_state (table_name, rank, id);
CREATE INDEX rule_state_by_domain ON rule_state (domain, rank, id);

CREATE TABLE table_state (
    table_name TEXT COLLATE "C" PRIMARY KEY,
    domain TEXT COLLATE "C" NOT NULL,
    pass BIGINT NOT NULL,
    fail_info BIGINT NOT NULL,
    fail_warning BIGINT NOT NULL,
    fail_critical BIGINT NOT NULL,
    error BIGINT NOT NULL,
    no_data BIGINT NOT NULL,
    run_id TEXT NOT NULL,
    dataset TEXT,
    version BIGINT,
    at BIGINT NOT NULL
);

CREATE TABLE day_count (
    day INTEGER NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    severity SMALLINT NOT NULL,
    outcome SMALLINT NOT NULL,
    verdicts BIGINT NOT NULL,
    PRIMARY KEY (day, domain, severity, outcome)
);

CREATE TABLE suite_version (
    suite TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL,
    notation TEXT NOT NULL,
    text TEXT NOT NULL,
    rules INTEGER NOT NULL,
    at BIGINT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (suite, version)
);

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);

CREATE TABLE alert (
    key TEXT COLLATE "C" PRIMARY KEY,
    title TEXT NOT NULL,
    severity SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    detail TEXT NOT NULL,
    opened BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    notified BIGINT NOT NULL,
    occurrences INTEGER NOT NULL,
    muted BIGINT,
    sequence INTEGER NOT NULL,
    dataset TEXT,
    column_name TEXT,
    revision INTEGER NOT NULL
);
CREATE INDEX alert_unresolved ON alert (opened DESC, key) WHERE state <> 3;

CREATE TABLE message (
    id TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    key TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    title TEXT NOT NULL,
    severity SMALLINT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    is_sent BOOLEAN NOT NULL DEFAULT false,
    claimed BIGINT,
    PRIMARY KEY (id, channel)
);
CREATE INDEX message_due ON message (channel, at, id) WHERE NOT is_sent;
CREATE INDEX message_sent ON message (at) WHERE is_sent;

CREATE TABLE incident (
    id TEXT COLLATE "C" PRIMARY KEY,
    sequence INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    opened BIGINT NOT NULL,
    closed BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX incident_by_time ON incident (opened DESC, id);
CREATE INDEX incident_closed ON incident (closed) WHERE closed IS NOT NULL;

-- Members of open incidents: the key makes two incidents about one alert impossible.
CREATE TABLE incident_member (key TEXT COLLATE "C" PRIMARY KEY, incident TEXT COLLATE "C" NOT NULL REFERENCES incident);
CREATE INDEX incident_member_by_incident ON incident_member (incident);

CREATE TABLE incident_change (
    incident TEXT COLLATE "C" NOT NULL REFERENCES incident ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    place INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (incident, sequence, place)
);

CREATE TABLE point (
    series TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    feedback SMALLINT NOT NULL,
    PRIMARY KEY (series, at)
);
CREATE INDEX point_by_time ON point USING brin (at);

CREATE TABLE profile (
    table_name TEXT COLLATE "C" NOT NULL,
    partition TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (table_name, partition, at)
);
CREATE INDEX profile_by_time ON profile (at);

CREATE TABLE partition_state (
    table_name TEXT COLLATE "C" NOT NULL,
    partition TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (table_name, partition, fingerprint)
);

-- Names may be longer than an index entry, so edges and annotations are keyed by a hash of theirs.
CREATE TABLE lineage_edge (
    key BYTEA PRIMARY KEY,
    source_dataset TEXT NOT NULL,
    source_column TEXT NOT NULL,
    target_dataset TEXT NOT NULL,
    target_column TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    job TEXT NOT NULL,
    statement TEXT NOT NULL,
    origin SMALLINT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    retired BIGINT,
    last_run TEXT
);
CREATE INDEX lineage_edge_retired ON lineage_edge (retired) WHERE retired IS NOT NULL;

CREATE TABLE annotation (
    key BYTEA PRIMARY KEY,
    source_dataset TEXT NOT NULL,
    source_column TEXT NOT NULL,
    target_dataset TEXT NOT NULL,
    target_column TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
