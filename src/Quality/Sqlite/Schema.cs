using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Sqlite;

/// <summary>The tables. Rules are named once and numbered, so a passing verdict costs some forty bytes. Times are UTC ticks.</summary>
internal static class Schema
{
    /// <summary>What brings a file from one version to the next, by the version it starts at.</summary>
    public static SchemaScripts Scripts { get; } = new([First, CatalogSchema.Text, IncidentSchema.Text, PartitionSchema.Text, DeliverySchema.Text, AlertSchema.Text]);

    internal const string First = """
        CREATE TABLE suite (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE rule (id INTEGER PRIMARY KEY, suite INTEGER NOT NULL REFERENCES suite, rule_id TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (suite, rule_id));
        CREATE TABLE run (
          id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, suite INTEGER NOT NULL REFERENCES suite, table_name TEXT NOT NULL,
          dataset TEXT, version INTEGER, started INTEGER NOT NULL, duration INTEGER NOT NULL, queries TEXT NOT NULL);
        CREATE INDEX run_by_suite ON run (suite, started);
        CREATE TABLE verdict (
          run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, place INTEGER NOT NULL, rule INTEGER NOT NULL REFERENCES rule,
          severity INTEGER NOT NULL, outcome INTEGER NOT NULL, violations INTEGER, evaluated INTEGER, observed TEXT, detail TEXT NOT NULL,
          PRIMARY KEY (run, place)) WITHOUT ROWID;
        CREATE INDEX verdict_by_rule ON verdict (rule, run);
        CREATE TABLE alert (
          key TEXT PRIMARY KEY, title TEXT NOT NULL, severity INTEGER NOT NULL, state INTEGER NOT NULL, detail TEXT NOT NULL, opened INTEGER NOT NULL,
          seen INTEGER NOT NULL, notified INTEGER NOT NULL, occurrences INTEGER NOT NULL, muted INTEGER, sequence INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE message (
          id TEXT PRIMARY KEY, key TEXT NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, severity INTEGER NOT NULL, detail TEXT NOT NULL,
          at INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE INDEX message_due ON message (due) WHERE sent = 0;
        CREATE TABLE point (series TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, feedback INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (series, at)) WITHOUT ROWID;
        CREATE TABLE edge (
          source_dataset TEXT NOT NULL, source_column TEXT NOT NULL, target_dataset TEXT NOT NULL, target_column TEXT NOT NULL, kind INTEGER NOT NULL,
          job TEXT NOT NULL, origin INTEGER NOT NULL, confidence REAL NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, retired INTEGER,
          PRIMARY KEY (source_dataset, source_column, target_dataset, target_column, kind, job)) WITHOUT ROWID;
        CREATE TABLE denied (
          source_dataset TEXT NOT NULL, source_column TEXT NOT NULL, target_dataset TEXT NOT NULL, target_column TEXT NOT NULL,
          PRIMARY KEY (source_dataset, source_column, target_dataset, target_column)) WITHOUT ROWID;
        """;
}
