-- Runs of one state, the newest first: of all DAGs and of one.
CREATE INDEX run_by_state ON run (state, id);
CREATE INDEX run_of_dag_by_state ON run (dag_id, state, id);
