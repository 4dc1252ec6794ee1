namespace DataPlatform.Quality.Sqlite;

/// <summary>What the catalog adds: the newest verdict of each rule, counts by table and day, versions of suites, what people did.</summary>
internal static class CatalogSchema
{
    public const string Text = $$"""
        CREATE TABLE rule_state (
          id INTEGER PRIMARY KEY REFERENCES rule, table_name TEXT NOT NULL, domain TEXT NOT NULL, rank INTEGER NOT NULL, severity INTEGER NOT NULL,
          outcome INTEGER NOT NULL, violations INTEGER, evaluated INTEGER, observed TEXT, words TEXT NOT NULL, message TEXT NOT NULL, owner TEXT,
          tags TEXT NOT NULL, run INTEGER NOT NULL, run_id TEXT NOT NULL, dataset TEXT, version INTEGER, at INTEGER NOT NULL, since INTEGER NOT NULL);
        CREATE INDEX rule_state_by_rank ON rule_state (rank, id);
        CREATE INDEX rule_state_by_table ON rule_state (table_name, rank, id);
        CREATE INDEX rule_state_by_domain ON rule_state (domain, rank, id);
        CREATE TABLE table_state (
          table_name TEXT PRIMARY KEY, domain TEXT NOT NULL, pass INTEGER NOT NULL, fail_info INTEGER NOT NULL, fail_warning INTEGER NOT NULL,
          fail_critical INTEGER NOT NULL, error INTEGER NOT NULL, no_data INTEGER NOT NULL, run_id TEXT NOT NULL, dataset TEXT, version INTEGER,
          at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE day_count (
          day INTEGER NOT NULL, domain TEXT NOT NULL, severity INTEGER NOT NULL, outcome INTEGER NOT NULL, verdicts INTEGER NOT NULL,
          PRIMARY KEY (day, domain, severity, outcome)) WITHOUT ROWID;
        CREATE INDEX run_by_table ON run (table_name, id);
        CREATE TABLE suite_version (
          suite TEXT NOT NULL, version INTEGER NOT NULL, table_name TEXT NOT NULL, notation TEXT NOT NULL, text TEXT NOT NULL, rules INTEGER NOT NULL,
          at INTEGER NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (suite, version)) WITHOUT ROWID;
        CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX audit_by_subject ON audit (subject, id);
        {{CatalogSql.All}}
        """;
}
