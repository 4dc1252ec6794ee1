namespace DataPlatform.Quality.Sqlite;

/// <summary>What incidents, channels, profiles, partition states and the history of lineage add.</summary>
internal static class IncidentSchema
{
    public const string Text = """
        ALTER TABLE alert ADD COLUMN dataset TEXT;
        ALTER TABLE alert ADD COLUMN column_name TEXT;
        ALTER TABLE alert ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
        DROP TABLE message;
        CREATE TABLE message (
          id TEXT NOT NULL, channel TEXT NOT NULL, key TEXT NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, severity INTEGER NOT NULL,
          detail TEXT NOT NULL, at INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, claimed INTEGER,
          PRIMARY KEY (id, channel)) WITHOUT ROWID;
        CREATE INDEX message_due ON message (channel, due) WHERE sent = 0;
        CREATE INDEX message_sent ON message (at) WHERE sent = 1;
        CREATE TABLE incident (
          id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER, body TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX incident_by_time ON incident (opened DESC, id);
        CREATE TABLE incident_member (key TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident) WITHOUT ROWID;
        CREATE INDEX incident_member_by_incident ON incident_member (incident);
        CREATE TABLE incident_change (
          incident TEXT NOT NULL REFERENCES incident ON DELETE CASCADE, sequence INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL,
          kind INTEGER NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (incident, sequence, place)) WITHOUT ROWID;
        CREATE INDEX point_by_time ON point (at);
        CREATE INDEX run_by_time ON run (started);
        CREATE TABLE profile (
          table_name TEXT NOT NULL, partition TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER, body TEXT NOT NULL,
          PRIMARY KEY (table_name, partition, at));
        CREATE INDEX profile_by_time ON profile (at);
        CREATE TABLE partition_state (
          table_name TEXT NOT NULL, partition TEXT NOT NULL, fingerprint TEXT NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (table_name, partition, fingerprint));
        CREATE TABLE lineage_edge (
          source_dataset TEXT NOT NULL, source_column TEXT NOT NULL, target_dataset TEXT NOT NULL, target_column TEXT NOT NULL, kind INTEGER NOT NULL,
          job TEXT NOT NULL, statement TEXT NOT NULL, origin INTEGER NOT NULL, confidence REAL NOT NULL, first_seen INTEGER NOT NULL,
          last_seen INTEGER NOT NULL, retired INTEGER, last_run TEXT,
          PRIMARY KEY (source_dataset, source_column, target_dataset, target_column, kind, job, statement)) WITHOUT ROWID;
        INSERT INTO lineage_edge SELECT source_dataset, source_column, target_dataset, target_column, kind, job, '', origin, confidence, first_seen,
          last_seen, retired, NULL FROM edge WHERE origin <> 3;
        CREATE INDEX lineage_edge_retired ON lineage_edge (retired) WHERE retired IS NOT NULL;
        CREATE TABLE annotation (
          source_dataset TEXT NOT NULL, source_column TEXT NOT NULL, target_dataset TEXT NOT NULL, target_column TEXT NOT NULL, kind INTEGER NOT NULL,
          author TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
          PRIMARY KEY (source_dataset, source_column, target_dataset, target_column)) WITHOUT ROWID;
        INSERT INTO annotation SELECT source_dataset, source_column, target_dataset, target_column, kind, 'unknown', last_seen, '' FROM edge WHERE origin = 3;
        INSERT OR REPLACE INTO annotation SELECT source_dataset, source_column, target_dataset, target_column, 2, 'unknown', 0, '' FROM denied;
        DROP TABLE edge;
        DROP TABLE denied;
        """;
}
