-- Verdicts by day, so that forgetting a day is dropping a table. The day is that of the run's begin, counted since year 1. A verdict is written in the
-- transaction of its run and read by way of it, so no reference to the run is needed; one would be looked for in every day when a run is removed.
ALTER TABLE verdict RENAME TO verdict_before;
ALTER INDEX verdict_pkey RENAME TO verdict_before_pkey;
ALTER INDEX verdict_by_rule RENAME TO verdict_before_by_rule;

CREATE TABLE verdict (
    day INTEGER NOT NULL,
    run BIGINT NOT NULL,
    place INTEGER NOT NULL,
    rule BIGINT NOT NULL,
    severity SMALLINT NOT NULL,
    outcome SMALLINT NOT NULL,
    violations BIGINT,
    evaluated BIGINT,
    observed TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (day, run, place)
) PARTITION BY RANGE (day);
CREATE INDEX verdict_by_rule ON verdict (rule, day, run);

DO $$
DECLARE d INTEGER;
BEGIN
    FOR d IN SELECT DISTINCT (r.started / 864000000000)::integer FROM run r WHERE EXISTS (SELECT 1 FROM verdict_before v WHERE v.run = r.id) ORDER BY 1 LOOP
        EXECUTE format('CREATE TABLE verdict_%s PARTITION OF verdict FOR VALUES FROM (%s) TO (%s)', d, d, d + 1);
    END LOOP;
END
$$;

INSERT INTO verdict (day, run, place, rule, severity, outcome, violations, evaluated, observed, detail)
SELECT (r.started / 864000000000)::integer, v.run, v.place, v.rule, v.severity, v.outcome, v.violations, v.evaluated, v.observed, v.detail
FROM verdict_before v JOIN run r ON r.id = v.run;
DROP TABLE verdict_before;

-- What rules are in partitions: the newest of each, gone with the partition, and what it was.
CREATE TABLE partition_rule (
    rule BIGINT NOT NULL REFERENCES rule_state ON DELETE CASCADE,
    partition TEXT COLLATE "C" NOT NULL,
    outcome SMALLINT,
    violations BIGINT,
    evaluated BIGINT,
    observed TEXT,
    sample TEXT,
    run_id TEXT NOT NULL,
    dataset TEXT,
    version BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (rule, partition)
);

CREATE TABLE partition_change (
    rule BIGINT NOT NULL REFERENCES rule,
    partition TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    outcome SMALLINT,
    violations BIGINT,
    evaluated BIGINT,
    observed TEXT,
    run_id TEXT NOT NULL,
    dataset TEXT,
    version BIGINT,
    PRIMARY KEY (rule, partition, at)
);
CREATE INDEX partition_change_by_time ON partition_change (at);

-- Members of closed incidents, so that lists of alerts can leave them out by page.
CREATE TABLE incident_past (
    key TEXT COLLATE "C" NOT NULL,
    incident TEXT COLLATE "C" NOT NULL REFERENCES incident ON DELETE CASCADE,
    PRIMARY KEY (key, incident)
);
CREATE INDEX incident_past_by_incident ON incident_past (incident);
INSERT INTO incident_past
SELECT DISTINCT m ->> 'key', i.id FROM incident i, json_array_elements(i.body::json -> 'members') AS m WHERE i.closed IS NOT NULL;
CREATE INDEX incident_open ON incident (opened DESC, id) WHERE state <> 1;
CREATE INDEX alert_by_time ON alert (opened DESC, key);

-- What channels may still send, whoever sends.
CREATE TABLE channel_rate (channel TEXT COLLATE "C" PRIMARY KEY, tokens INTEGER NOT NULL, refilled BIGINT NOT NULL);
