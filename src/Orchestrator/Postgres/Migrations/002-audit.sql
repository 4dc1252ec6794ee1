CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    dag_id TEXT,
    run_id BIGINT,
    detail TEXT,
    outcome BIGINT NOT NULL,
    result TEXT
);
CREATE INDEX audit_of_dag ON audit (dag_id, id);
CREATE INDEX audit_of_run ON audit (run_id, id) WHERE run_id IS NOT NULL;

CREATE INDEX dag_version_of_dag ON dag_version (dag_id, created_at);

-- The calendar counts runs by day and state from the index alone.
CREATE INDEX run_calendar ON run (dag_id, logical_date, state);
DROP INDEX run_by_logical_date;
