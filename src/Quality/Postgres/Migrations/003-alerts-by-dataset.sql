-- Alerts of a dataset, for folding what lineage connects.
CREATE INDEX alert_by_dataset ON alert (dataset) WHERE dataset IS NOT NULL;
