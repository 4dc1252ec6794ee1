namespace DataPlatform.Quality.Sqlite;

/// <summary>
/// What rules are in partitions: the newest of each, written when it changes and gone with its partition, and what it was. It is not written anew by
/// every run, since a partition that nobody wrote to says the same.
/// </summary>
internal static class PartitionSchema
{
    public const string Text = """
        CREATE TABLE partition_rule (
          rule INTEGER NOT NULL REFERENCES rule_state ON DELETE CASCADE, partition TEXT NOT NULL, outcome INTEGER, violations INTEGER, evaluated INTEGER,
          observed TEXT, sample TEXT, run_id TEXT NOT NULL, dataset TEXT, version INTEGER, at INTEGER NOT NULL, PRIMARY KEY (rule, partition)) WITHOUT ROWID;
        CREATE TABLE partition_change (
          rule INTEGER NOT NULL REFERENCES rule, partition TEXT NOT NULL, at INTEGER NOT NULL, outcome INTEGER, violations INTEGER, evaluated INTEGER,
          observed TEXT, run_id TEXT NOT NULL, dataset TEXT, version INTEGER, PRIMARY KEY (rule, partition, at)) WITHOUT ROWID;
        CREATE INDEX partition_change_by_time ON partition_change (at);
        """;
}
